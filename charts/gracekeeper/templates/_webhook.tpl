{{- /* Where the API server calls, and by which CA it recognises who answers; a self-managed one is filled in later. */ -}}
{{- define "gracekeeper.client" -}}
{{- if .root.Values.webhook.url -}}
url: {{ printf "%s/%s" (trimSuffix "/" .root.Values.webhook.url) .path }}
{{- else -}}
service: {name: {{ include "gracekeeper.name" .root }}, namespace: {{ .root.Release.Namespace }}, path: /{{ .path }}, port: 443}
{{- end }}
{{- with .root.Values.certificates.caBundle }}
caBundle: {{ b64enc . }}
{{- end }}
{{- end -}}

{{- /* What both webhooks have in common. */ -}}
{{- define "gracekeeper.webhook" -}}
admissionReviewVersions: [v1]
sideEffects: None
matchPolicy: Equivalent
failurePolicy: {{ .Values.webhook.failurePolicy }}
timeoutSeconds: {{ .Values.webhook.timeoutSeconds }}
{{- end -}}

{{- /* A rule for each further kind: its resource, version and group, as kubectl spells them. */ -}}
{{- define "gracekeeper.kindRules" -}}
{{- range include "gracekeeper.kinds" . | trim | splitList "\n" | compact -}}
{{- $part := splitn "." 3 . }}
- operations: [CREATE, UPDATE]
  apiGroups: [{{ $part._2 }}]
  apiVersions: [{{ $part._1 }}]
  resources: [{{ $part._0 }}]
{{- end -}}
{{- end -}}

{{- /* CEL: this side's annotations of ours stand on the other side too, with the same text. */ -}}
{{- define "gracekeeper.annotationsKept" -}}
(!has({{ .one }}.metadata.annotations) || {{ .one }}.metadata.annotations.all(key, !key.startsWith("gracekeeper.dev/") ||
(has({{ .other }}.metadata.annotations) && key in {{ .other }}.metadata.annotations &&
{{ .one }}.metadata.annotations[key] == {{ .other }}.metadata.annotations[key])))
{{- end -}}
