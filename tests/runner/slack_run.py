"""A run that posts to a Slack, in a module of its own for a process that can be killed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maintainer.analyse.checks import CHECKS
from maintainer.model.clock import Clock
from maintainer.reporting import Job, Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.slack_workspace import TOKEN
from maintainer.schedule import CalendarJob
from maintainer.settings import load
from tests.runner.test_due import Days
from tests.runner.test_run import REFUSED, concluding, finding, monthly_run

FOUND = concluding(finding("pipeline/reload"))
NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)


def post(folder: Path, url: str, *, job: Job = FOUND, flags: Mapping[str, Any] | None = None) -> Outcome:
    """Run a job that posts; all that it reads and writes is in the folder."""
    (folder / "token").write_text(f"{TOKEN}\n", "utf-8")
    (folder / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")
    settings = {
        "prometheus.url": REFUSED,
        "reports.directory": str(folder / "out"),
        "store.kind": "directory",
        "store.path": str(folder / "store"),
        "slack.post": True,
        "slack.tokenFile": str(folder / "token"),
        "slack.baseUrl": f"{url}/api/",
    }
    machine = Machine(Clock(lambda: 0.0, lambda _seconds: None), NOW, "1.2.3", str(folder / "kubeconfig"))
    return run(monthly_run(job), load("", {}, settings | dict(flags or {})), machine)


def sample_on(folder: Path, url: str, date: int, *, found: bool) -> None:
    """Run what is due on a day of November, on which the daily sample finds something or nothing."""
    findings = (finding("controller/stale-cache"),) if found else ()
    job = CalendarJob("sample", concluding(*findings), "daily", "present", tuple(CHECKS), reports="never")
    flags = {"slack_post": True, "slack_tokenFile": str(folder / "token"), "slack_baseUrl": f"{url}/api/"}
    Days(folder).run(f"2026-11-{date:02} 06:00", job, **flags)
