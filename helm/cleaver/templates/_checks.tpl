{{/* What the schema cannot say of one value alone: each line names the value and what to do. */}}
{{- define "cleaver.checks" -}}
{{- $problems := list -}}
{{- with .Values -}}
{{- if not .image.repository -}}
{{- $problems = append $problems "image.repository is empty: name the image, such as ghcr.io/OWNER/cleaver." -}}
{{- end -}}
{{- if .autoscaling.enabled -}}
{{- if gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas) -}}
{{- $problems = append $problems (printf "autoscaling.minReplicas (%v) is more than autoscaling.maxReplicas (%v)." .autoscaling.minReplicas .autoscaling.maxReplicas) -}}
{{- end -}}
{{- if not (dig "requests" "cpu" "" .resources) -}}
{{- $problems = append $problems "autoscaling.enabled needs resources.requests.cpu: its percentage is of that." -}}
{{- end -}}
{{- end -}}
{{- if and .watch.repository (not .watch.existingSecret) -}}
{{- $problems = append $problems "watch.repository is named but watch.existingSecret is not: name the secret with the token." -}}
{{- end -}}
{{- if and .watch.existingSecret (not .watch.repository) -}}
{{- $problems = append $problems "watch.existingSecret is named but watch.repository is not: name the repository as OWNER/NAME." -}}
{{- end -}}
{{- if and .service.nodePort (ne .service.type "NodePort") -}}
{{- $problems = append $problems (printf "service.nodePort is %v but service.type is %s: set it to NodePort, or the port to 0." .service.nodePort .service.type) -}}
{{- end -}}
{{- if and (eq .route.kind "HTTPRoute") (not .route.parentRefs) -}}
{{- $problems = append $problems "route.kind is HTTPRoute but route.parentRefs is empty: name the gateway." -}}
{{- end -}}
{{- if and .route.tls.clusterIssuer (not .route.tls.secretName) -}}
{{- $problems = append $problems "route.tls.clusterIssuer is named but route.tls.secretName is not: name the secret that it shall write." -}}
{{- end -}}
{{- if and (ne .route.kind "none") .route.rateLimit.perSecond (or (eq .route.controller "other") (and (eq .route.kind "HTTPRoute") (eq .route.controller "nginx"))) -}}
{{- $problems = append $problems (printf "route.rateLimit.perSecond is %v, but there is no way known to limit an %s of the controller %s: set it to 0, and the limit in the controller itself." .route.rateLimit.perSecond .route.kind .route.controller) -}}
{{- end -}}
{{- $settings := .settings -}}
{{- range list "CLEAVER_SHADOW" "CLEAVER_CANARY" -}}
{{- if and (gt (float64 (get $settings .)) 0.0) (ne (get $settings "CLEAVER_SERVE") "champion,challenger") -}}
{{- $problems = append $problems (printf "settings.%s needs settings.CLEAVER_SERVE to be champion,challenger." .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $problems -}}
{{- fail (printf "the values cannot be used:\n  %s" (join "\n  " .)) -}}
{{- end -}}
{{- end -}}
