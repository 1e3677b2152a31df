{{/* The digest says exactly what runs, so it comes before the tag. */}}
{{- define "cleaver.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What every pod of ours has: no token, no root, nothing of the services beside it in the environment. */}}
{{- define "cleaver.podBasics" -}}
serviceAccountName: {{ include "cleaver.fullname" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.user.id }}
  runAsGroup: {{ .Values.user.group }}
  fsGroup: {{ .Values.user.group }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "cleaver.containerBasics" -}}
image: {{ include "cleaver.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Takes name, secret and key. */}}
{{- define "cleaver.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end -}}

{{/* The variables that manifests read. */}}
{{- define "cleaver.databaseVariable" -}}
{{- with .Values.database -}}
{{ include "cleaver.secretVariable" (dict "name" .variable "secret" .existingSecret "key" .key) }}
{{- end -}}
{{- end -}}
