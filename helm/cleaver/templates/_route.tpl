{{/* Whether Traefik is to limit the route's requests. */}}
{{- define "cleaver.isLimitedByTraefik" -}}
{{- with .Values.route -}}
{{- if and (ne .kind "none") (eq .controller "traefik") .rateLimit.perSecond -}}
yes
{{- end -}}
{{- end -}}
{{- end -}}
