"""A report with very many findings."""

from dataclasses import replace

from maintainer.model.report import Report
from tests.render.sample_report import finding, report

QUERY = 'sum(rate(rollout_events_total{namespace="shop",type="Warning"}[5m])) by (name) > 0'


def many_findings(count: int, *, actions: int) -> Report:
    """So many errors, each with four Rollouts and a table of them, and so many different things to do."""
    rollouts = [{"rollout": f"shop/cart-{number}", "metric": "Progressing", "api": "Paused"} for number in range(4)]
    found = (
        finding(
            summary=f"Rollout {number} shows a phase that the API does not.",
            action=f"Restart controller {number % actions}",
            evidence={"rollouts": rollouts, "query": QUERY},
            count=4,
        )
        for number in range(count)
    )
    tables = {"rollouts.listed": 4 * count}
    return replace(report(figures=tables), findings=tuple(found))
