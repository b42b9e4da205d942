"""The alerts about overdue jobs, on the page that `maintainer serve` makes of a ledger."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from maintainer.deliver.metrics import job_metrics, next_due_metric, page
from maintainer.model.ledger import Entry
from tests.helm.charts import run, write_bare_rules

BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
"""When promtool's tests begin."""


def scraped(text: str) -> list[dict[str, str]]:
    """The samples of a page, as they are scraped for two days without a change."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return [{"series": f"{one.name}{{{_labels(one.labels)}}}", "values": f"{one.value:.0f}x288"} for one in samples]


def _labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in labels.items())


def test_the_page_of_a_ledger_makes_each_job_overdue_in_its_time(tmp_path: Path) -> None:
    """The last sample will be 2 days old in an hour, and the last month 32 days in a day."""
    entries = (
        Entry("production", "sample", "1969-12-30", "done", BEGIN - timedelta(days=2, hours=-1)),
        Entry("production", "sample", "1969-12-31", "incomplete", BEGIN, passing=True),
        Entry("production", "monthly", "1969-12", "done", BEGIN - timedelta(days=31)),
    )
    numbers = page((*job_metrics(entries), next_due_metric({"sample": BEGIN, "monthly": BEGIN})))
    overdue = {"30m": set(), "2h": {"sample"}, "26h": {"sample", "monthly"}}
    alerts = {"sample": "MaintainerDailyOverdue", "monthly": "MaintainerMonthlyOverdue"}
    cases = [
        {
            "eval_time": time,
            "alertname": alert,
            "exp_alerts": [{"exp_labels": {"severity": "warning", "job": job}}] if job in jobs else [],
        }
        for time, jobs in overdue.items()
        for job, alert in alerts.items()
    ]
    test = {"interval": "10m", "input_series": scraped(numbers.decode()), "alert_rule_test": cases}
    rules = {"rule_files": ["rules.yml"], "evaluation_interval": "10m", "tests": [test]}
    write_bare_rules(tmp_path)
    (tmp_path / "overdue.yml").write_text(yaml.safe_dump(rules), "utf-8")

    assert "SUCCESS" in run("promtool", "test", "rules", "overdue.yml", folder=tmp_path)
