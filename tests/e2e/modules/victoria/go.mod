module maintainer/e2e/victoria

go 1.24.5

require github.com/VictoriaMetrics/VictoriaMetrics v1.122.0
