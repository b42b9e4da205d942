{{/* Labels of an object. Takes (list $ "component"). */}}
{{- define "monitoring.labels" -}}
{{- $root := index . 0 -}}
{{ include "monitoring.podLabels" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Labels of a pod, without the chart's version, so that a new version of the chart alone restarts no pod. */}}
{{- define "monitoring.podLabels" -}}
{{ include "monitoring.selector" . }}
app.kubernetes.io/component: {{ index . 1 }}
app.kubernetes.io/part-of: monitoring
{{- end }}

{{/* The labels in the selector of a component; a selector cannot be changed later. Takes (list $ "component"). */}}
{{- define "monitoring.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}

{{/* The security context that the pod security standard "restricted" requires. Takes the user id. */}}
{{- define "monitoring.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "monitoring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "monitoring.image" -}}
image: {{ printf "%s:%s" .repository .tag | quote }}
imagePullPolicy: {{ .pullPolicy }}
{{- end }}

{{/* The rule that drops metrics. Takes their names. */}}
{{- define "monitoring.drop" -}}
- source_labels: [__name__]
  regex: {{ join "|" . }}
  action: drop
{{- end }}

{{/* A volume claim with the name "data". */}}
{{- define "monitoring.claim" -}}
- metadata:
    name: data
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storageClassName }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources:
      requests:
        storage: {{ .size }}
{{- end }}

{{/* The bytes of a Kubernetes quantity such as 50Gi. */}}
{{- define "monitoring.bytes" -}}
{{- $powers := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (regexFind "^[0-9.]+" .) (get $powers (regexFind "[A-Za-z]*$" .)) | int64 -}}
{{- end }}

{{/* The name of the Secret with a receiver's credential, or nothing. Takes (list "own name" "value" "existing Secret"). */}}
{{- define "monitoring.secretName" -}}
{{- if index . 2 }}{{ index . 2 }}{{ else if index . 1 }}{{ index . 0 }}{{ end -}}
{{- end }}

{{/* A discovery of the ready and unready pods behind a port of a Service. Takes namespaces, service, portName. */}}
{{- define "monitoring.discovery" -}}
kubernetes_sd_configs:
  - role: endpointslice
    namespaces:
      names: {{ toJson .namespaces }}
relabel_configs:
  - source_labels: [__meta_kubernetes_service_name, __meta_kubernetes_endpointslice_port_name]
    regex: {{ printf "(%s);(%s)" .service .portName }}
    action: keep
  - source_labels: [__meta_kubernetes_pod_name]
    target_label: pod
{{- end }}

{{/* An alert rule. Takes (list $ "name" rule). */}}
{{- define "monitoring.alert" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $rule := index . 2 -}}
{{- $known := dict "Template" $root.Template "volumeBytes" (include "monitoring.bytes" $root.Values.prometheus.persistence.size) -}}
- alert: {{ $name }}
  expr: |
    {{- tpl $rule.expr (merge $known $rule) | trim | nindent 4 }}
  {{- with $rule.for }}
  for: {{ . }}
  {{- end }}
  {{- with $rule.keepFiringFor }}
  keep_firing_for: {{ . }}
  {{- end }}
  labels:
    severity: {{ $rule.severity }}
    {{- with $rule.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    summary: {{ $rule.summary | quote }}
    description: {{ $rule.description | quote }}
    runbook_url: {{ $rule.runbookUrl | default (printf "%s/%s.md" ($root.Values.runbooks.baseUrl | default "docs/runbooks") $name) | quote }}
{{- end }}
