{{- define "argo-rollouts.labels" -}}
app.kubernetes.io/name: {{ .Values.metricsService.name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: metrics
app.kubernetes.io/part-of: argo-rollouts
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* "true" if a Service of this name exists that is not part of this release; else nothing. */}}
{{- define "argo-rollouts.foreign" -}}
{{- $there := lookup "v1" "Service" .Release.Namespace .Values.metricsService.name -}}
{{- if $there -}}
{{- $notes := dig "metadata" "annotations" dict $there -}}
{{- $release := get $notes "meta.helm.sh/release-name" -}}
{{- $namespace := get $notes "meta.helm.sh/release-namespace" -}}
{{- if or (ne $release .Release.Name) (ne $namespace .Release.Namespace) -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/* "true" if this release contains the Service; else nothing. */}}
{{- define "argo-rollouts.create" -}}
{{- $create := toString .Values.metricsService.create -}}
{{- if eq $create "true" -}}true
{{- else if and (eq $create "auto") (not (include "argo-rollouts.foreign" .)) -}}true
{{- end -}}
{{- end }}
