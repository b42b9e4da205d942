{{/* A Role or ClusterRole of maintainer, bound to its ServiceAccount. Takes (list $ "name" "namespace" "rules"); without a namespace it is a ClusterRole. */}}
{{- define "maintainer.role" -}}
{{- $root := index . 0 -}}
{{- $kind := ternary "Role" "ClusterRole" (ne (index . 2) "") -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ index . 1 }}
  {{- with index . 2 }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "monitoring.labels" (list $root "maintainer") | nindent 4 }}
rules:
  {{- index . 3 | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ index . 1 }}
  {{- with index . 2 }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "monitoring.labels" (list $root "maintainer") | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ index . 1 }}
subjects:
  - kind: ServiceAccount
    name: maintainer
    namespace: maintainer
{{- end }}

{{/* The pod of maintainer. Takes (list $ "args"). */}}
{{- define "maintainer.podSpec" -}}
{{- $maintainer := (index . 0).Values.maintainer -}}
serviceAccountName: maintainer
automountServiceAccountToken: true
# Variables such as MAINTAINER_PORT, for the Service maintainer, would be read as settings.
enableServiceLinks: false
securityContext:
  {{- include "monitoring.podSecurity" 65532 | nindent 2 }}
containers:
  - name: maintainer
    {{- include "monitoring.image" $maintainer.image | nindent 4 }}
    args: {{ index . 1 }}
    {{- if $maintainer.serve }}
    ports:
      - name: http
        containerPort: 8080
    readinessProbe:
      httpGet: {path: /readyz, port: http}
      periodSeconds: 30
      timeoutSeconds: 5
    livenessProbe:
      httpGet: {path: /healthz, port: http}
      periodSeconds: 30
      timeoutSeconds: 5
    {{- end }}
    resources:
      {{- toYaml $maintainer.resources | nindent 6 }}
    securityContext:
      {{- include "monitoring.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - name: settings
        mountPath: /etc/maintainer
        readOnly: true
      - name: desired
        mountPath: /etc/maintainer-desired
        readOnly: true
      - name: slack
        mountPath: /etc/maintainer-slack
        readOnly: true
      - name: reports
        mountPath: /reports
      - name: tmp
        mountPath: /tmp
volumes:
  - name: settings
    configMap:
      name: maintainer-settings
  - name: desired
    configMap:
      name: maintainer-desired
      optional: true
  # The bot token, as a file: in a variable or an argument, others could read it. Without reports in Slack there is none.
  - name: slack
    secret:
      secretName: {{ $maintainer.slack.existingSecret }}
      defaultMode: 0440
      optional: true
  - name: reports
    emptyDir: {sizeLimit: 256Mi}
  - name: tmp
    emptyDir: {sizeLimit: 64Mi}
{{- end }}
