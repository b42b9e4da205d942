"""What a Prometheus in agent mode tells: it answers no query, and writes all samples to other servers."""

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.pipeline.configs import prometheus_config
from maintainer.errors import SourceUnavailable


def with_stores(prometheus: Prometheus, error: SourceUnavailable) -> SourceUnavailable:
    """The error of a query; that of an agent with the servers to which the agent writes, if it tells them."""
    if error.reason != "prometheus-agent":
        return error
    try:
        text = str(prometheus.status("config").get("yaml"))
        stores = prometheus_config(text, prometheus.url, own_namespace="").stores
    except SourceUnavailable:
        return error
    if not stores:
        return error
    return SourceUnavailable(
        "prometheus-agent-writes", permanent=True, url=prometheus.url, stores=", ".join(dict.fromkeys(stores))
    )
