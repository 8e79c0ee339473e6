{{- /* What all objects are called: fullnameOverride, else the release's name, with the chart's unless that says it already. */ -}}
{{- define "gracekeeper.name" -}}
{{- $chart := default .Chart.Name .Values.nameOverride -}}
{{- $name := contains $chart .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $chart) -}}
{{- default $name .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- /* The labels by which pods are chosen; they never change between releases of the chart. */ -}}
{{- define "gracekeeper.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "gracekeeper.labels" -}}
{{ include "gracekeeper.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "gracekeeper.image" -}}
{{- $tagged := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- with .Values.image.digest }}{{ printf "%s@%s" $tagged . }}{{ else }}{{ $tagged }}{{ end -}}
{{- end -}}

{{- define "gracekeeper.secret" -}}
{{- default (printf "%s-tls" (include "gracekeeper.name" .)) .Values.certificates.secretName -}}
{{- end -}}

{{- /* Where a certificate is mounted, if it is. */ -}}
{{- define "gracekeeper.folder" -}}/etc/gracekeeper/tls{{- end -}}

{{- /* The kinds of other projects, as kubectl names them, one a line. */ -}}
{{- define "gracekeeper.kinds" -}}
{{- if .Values.kinds.argoRollouts }}
rollouts.v1alpha1.argoproj.io
{{- end }}
{{- if .Values.kinds.knativeServices }}
services.v1.serving.knative.dev
{{- end }}
{{- range .Values.kinds.extra }}
{{ . }}
{{- end }}
{{- end -}}

{{- /* Seconds from the stop signal to the exit: endpoint delay and drain, and two more to come to an end. */ -}}
{{- define "gracekeeper.shutdownSeconds" -}}
{{- addf .Values.settings.endpointDelaySeconds .Values.settings.drainSeconds 2 | ceil | int -}}
{{- end -}}
