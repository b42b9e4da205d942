"""The figures of a report about the cost of the run."""

from collections.abc import Mapping

from maintainer.model.facts import Cost


def cost_figures(costs: Mapping[str, Cost]) -> Mapping[str, int]:
    """The requests and the bytes by source, and the samples that Prometheus has read."""
    spent = {
        f"{source}.{name}": getattr(cost, name) for source, cost in costs.items() for name in ("requests", "bytes")
    }
    return {**spent, "prometheus.samples": costs["prometheus"].samples}
