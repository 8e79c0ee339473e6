{{- /* What every container of the chart may not do. */ -}}
{{- define "gracekeeper.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /* What every pod of the chart may not do. The user is the image's own. */ -}}
{{- define "gracekeeper.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- /* Where pods of the chart may run, and with which Secrets their image is asked for. */ -}}
{{- define "gracekeeper.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The settings as environment variables: their names are those of the values, spelled as variables are. */ -}}
{{- define "gracekeeper.environment" -}}
- {name: PYTHONUNBUFFERED, value: "1"}
- {name: GRACEKEEPER_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: GRACEKEEPER_SERVICE_NAME, value: {{ include "gracekeeper.name" . }}}
- {name: GRACEKEEPER_WEBHOOK_CONFIGURATION, value: {{ include "gracekeeper.name" . }}}
- {name: GRACEKEEPER_CERTIFICATE_SOURCE, value: {{ eq .Values.certificates.source "self-managed" | ternary "self-managed" "files" }}}
- {name: GRACEKEEPER_CERTIFICATE_SECRET, value: {{ include "gracekeeper.secret" . }}}
- {name: GRACEKEEPER_CERTIFICATE_FOLDER, value: {{ include "gracekeeper.folder" . }}}
- {name: GRACEKEEPER_DEFAULT_POLICY, value: /etc/gracekeeper/policy/gracekeeper.yaml}
{{- with include "gracekeeper.kinds" . | trim }}
- {name: GRACEKEEPER_EXTRA_KINDS, value: {{ splitList "\n" . | join "," | quote }}}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: GRACEKEEPER_{{ snakecase $name | upper }}, value: {{ kindIs "slice" $value | ternary (join "," $value) (toString $value) | quote }}}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* A hook before the release is deleted, gone once it has run. */ -}}
{{- define "gracekeeper.cleanupHook" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
{{- end -}}

{{- /* What of our own strict profile a pod of the chart is exempt from, and why. */ -}}
{{- define "gracekeeper.exempt" -}}
{{- if not .Values.image.digest -}}
gracekeeper.dev/exempt: "image-not-pinned: the value image.digest is empty, as no release has told one yet"
{{- end -}}
{{- end -}}
