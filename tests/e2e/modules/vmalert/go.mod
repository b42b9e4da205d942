module maintainer/e2e/vmalert

go 1.24.4

require github.com/VictoriaMetrics/VictoriaMetrics v1.121.0
