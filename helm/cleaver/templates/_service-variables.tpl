{{/* What the values say, and what the chart itself has to say, by name. */}}
{{- define "cleaver.settings" -}}
{{- $own := dict "CLEAVER_METRICS_PORT" .Values.metrics.port -}}
{{- if .Values.apiKeys.existingSecret -}}
{{- $_ := set $own "CLEAVER_API_KEYS_FILE" (printf "/etc/cleaver/keys/%s" .Values.apiKeys.key) -}}
{{- end -}}
{{/* Nobody collects a record that goes with its pod; it would only fill the disk. */}}
{{- $unless := dict -}}
{{- if not .Values.state.existingClaim -}}
{{- $_ := set $unless "CLEAVER_RECORD" "off" -}}
{{- end -}}
{{ merge $own .Values.settings $unless | toJson }}
{{- end -}}

{{/* Numbers as JSON writes them: YAML's are floats to Helm, and 10000000 would become 1e+07. */}}
{{- define "cleaver.serviceVariables" -}}
{{- range $name, $value := include "cleaver.settings" . | fromJson }}
- name: {{ $name }}
  value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
{{- end }}
{{- if and .Values.database.existingSecret .Values.database.inService }}
{{ include "cleaver.databaseVariable" . }}
{{- end }}
{{- range .Values.secretVariables }}
{{ include "cleaver.secretVariable" . }}
{{- end }}
{{- end -}}
