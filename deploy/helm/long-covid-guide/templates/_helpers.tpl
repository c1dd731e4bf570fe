{{- define "guide.labels" -}}
app.kubernetes.io/name: long-covid-guide
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "guide.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "guide.pod" -}}
automountServiceAccountToken: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "guide.container" -}}
image: {{ include "guide.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - configMapRef: {name: {{ .root.Release.Name }}-settings}
  - secretRef: {name: {{ .root.Values.existingSecret }}}
volumeMounts:
  - {name: var, mountPath: /guide/var}
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "guide.volumes" -}}
- {name: var, emptyDir: {}}
- {name: tmp, emptyDir: {}}
{{- end }}

{{- /* Annotations by which Prometheus finds a pod's metrics: so many ports after the first. */}}
{{- define "guide.scraped" -}}
{{- if .root.Values.metrics.enabled -}}
prometheus.io/scrape: "true"
prometheus.io/port: {{ add .root.Values.metrics.port .after | quote }}
{{- end }}
{{- end }}
