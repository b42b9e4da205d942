"""Which of Grafana's data sources read PromQL, by the name of their plugin."""

import re
from collections.abc import Callable

_PROMQL = re.compile(r"prometheus|promql|victoriametrics(?!-logs|-traces)")
_NO_PROMQL = re.compile(
    r"loki|logs|traces|tempo|jaeger|zipkin|pyroscope|parca|elastic|opensearch|influx|flux|graphite|opentsdb|sql|postgres|"
    r"clickhouse|bigquery|athena|mongo|redis|cloudwatch|splunk|testdata|infinity|json|csv|github|jira|sentry"
)
_NOTHING = ("", "grafana", "datasource", "mixed", "__expr__")


def reads_promql(plugin: str, text: str, names: Callable[[str], bool]) -> bool:
    """Whether a text is PromQL: its plugin reads it, or is not said, or is unknown and the text ``names`` a metric."""
    if not plugin or _PROMQL.search(plugin):
        return True
    return plugin not in _NOTHING and not _NO_PROMQL.search(plugin) and names(text)


def asks_nothing(plugin: str) -> bool:
    """Whether nothing is asked outside Grafana, or the plugin is not said."""
    return plugin in _NOTHING
