{{/* Takes root and component. */}}
{{- define "monitoring.labels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "monitoring.metadata" -}}
name: {{ .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "monitoring.labels" . | nindent 2 }}
{{- end -}}

{{/* Files under a folder of generated/, as the data of a ConfigMap. */}}
{{- define "monitoring.files" -}}
{{- range $path, $_ := .root.Files.Glob (printf "generated/%s/*" .folder) }}
{{ base $path }}: |-
  {{- $.root.Files.Get $path | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What every pod but the node exporter has. */}}
{{- define "monitoring.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
fsGroup: 65534
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "monitoring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Takes root and storage. */}}
{{- define "monitoring.claim" -}}
- metadata:
    name: data
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.className }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ .storage.size }}
{{- end -}}
