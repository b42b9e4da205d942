"""The metrics of the ledger, as Prometheus reads them."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from maintainer.deliver.metrics import (
    exit_code_metric,
    job_metrics,
    next_due_metric,
    page,
    with_cluster,
    write_textfile,
)
from maintainer.errors import DeliveryFailed
from maintainer.model.ledger import Entry, Notice, SeenFinding, packed
from tests.store.entries import NOW, entry

FAILED = {"check": "pipeline/reload", "severity": "error", "state": "new"}
ALSO = {"check": "pipeline/reload", "severity": "error", "state": "still"}
ACCEPTED = {"check": "pipeline/target", "severity": "warning", "state": "accepted"}
GAP = {"check": "query/error", "kind": "passing"}


def report(findings: list[Mapping[str, Any]] | None = None, gaps: list[Mapping[str, Any]] | None = None) -> bytes:
    return packed(json.dumps({"findings": findings or [], "gaps": gaps or []}))


def samples(*entries: Entry) -> dict[tuple[str, *tuple[str, ...]], float]:
    """The samples of a ledger by their names and the values of their labels in order."""
    text = page(job_metrics(entries)).decode()
    return {
        (sample.name.removeprefix("maintainer_"), *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_before_the_first_run_there_is_no_series() -> None:
    assert samples() == {}
    assert samples(entry(result="missed")) == {}


def test_the_newest_report_of_each_job_is_shown() -> None:
    older = entry("2026-09", report=report([FAILED, ALSO]))
    newer = entry("2026-10", minutes=10, report=report([FAILED, ALSO, ACCEPTED], [GAP, {**GAP, "accepted": "known"}]))
    other = entry("2026-Q3", job="quarterly", minutes=5, report=report())

    assert samples(newer, other, older) == {
        ("last_success_timestamp_seconds", "monthly"): (NOW + timedelta(minutes=10)).timestamp(),
        ("last_success_timestamp_seconds", "quarterly"): (NOW + timedelta(minutes=5)).timestamp(),
        ("findings", "pipeline/reload", "monthly", "error"): 2,
        ("gaps", "monthly"): 1,
        ("gaps", "quarterly"): 0,
    }


def test_what_was_told_of_a_finding_is_no_job() -> None:
    notice = Notice(SeenFinding("pipeline/emitter", "f", NOW.date()), (), "error", "It is so.", "Mend it.")

    assert samples(replace(entry("2026-11-01 pipeline/emitter", job="notice"), notice=notice)) == {}


def test_a_run_that_is_tried_again_or_missed_is_no_success() -> None:
    tried = entry("2026-09", result="incomplete", passing=True, minutes=5, report=report(gaps=[GAP]))
    shown = samples(entry("2026-08"), tried, entry("2026-10", result="missed", minutes=9))

    assert shown["last_success_timestamp_seconds", "monthly"] == NOW.timestamp()
    assert shown["gaps", "monthly"] == 1


def test_the_duration_is_that_of_the_last_run() -> None:
    shown = samples(
        entry("2026-08", seconds=10.5),
        entry("2026-09", minutes=5, seconds=70),
        entry("2026-10", result="missed", minutes=9),
    )
    assert shown["run_duration_seconds", "monthly"] == 70


def test_a_run_with_gaps_that_will_not_pass_is_a_success() -> None:
    shown = samples(entry(result="incomplete", report=report(gaps=[{**GAP, "kind": "permanent"}])))
    assert shown == {("last_success_timestamp_seconds", "monthly"): NOW.timestamp(), ("gaps", "monthly"): 1}


@pytest.mark.parametrize(
    "text", ["[]", "{}", "{", "7", '{"findings": [7], "gaps": []}', '{"findings": [], "gaps": [{"accepted": 7}]}', None]
)
def test_a_report_that_is_damaged_costs_its_numbers_only(text: str | None) -> None:
    damaged = b"not gzipped" if text is None else packed(text)
    assert samples(entry(report=damaged)) == {("last_success_timestamp_seconds", "monthly"): NOW.timestamp()}


def test_all_metrics_are_as_prometheus_wants_them() -> None:
    text = page((
        *job_metrics([entry(report=report([FAILED], [GAP]), seconds=1)]),
        next_due_metric({"monthly": NOW}),
        exit_code_metric(0),
    ))  # fmt: skip
    promtool = shutil.which("promtool")
    assert promtool, "apt-get install prometheus"
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    assert text.count(b"# HELP maintainer_") == 6


def test_a_textfile_has_the_cluster_in_each_series_and_is_never_there_in_part(tmp_path: Path) -> None:
    file = tmp_path / "maintainer.prom"
    for cluster in ("a", "b"):
        families = with_cluster(job_metrics([entry(report=report([FAILED], [GAP]), seconds=1)]), cluster)
        write_textfile(str(file), families)

    promtool = shutil.which("promtool")
    assert promtool, "apt-get install prometheus"
    checked = subprocess.run([promtool, "check", "metrics"], input=file.read_bytes(), capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    samples = [one for family in text_string_to_metric_families(file.read_text("utf-8")) for one in family.samples]
    assert len(samples) == 4
    assert {one.labels["cluster"] for one in samples} == {"b"}
    assert {one.timestamp for one in samples} == {None}
    assert (oct(file.stat().st_mode)[-3:], [path.name for path in tmp_path.iterdir()]) == ("644", ["maintainer.prom"])


@pytest.mark.parametrize("name", ["missing/maintainer.prom", "a\0b.prom", "."])
def test_a_textfile_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryFailed, match="cannot write the file"):
        write_textfile(f"{tmp_path}/{name}", job_metrics([entry()]))

    assert list(tmp_path.iterdir()) == []


def test_before_the_first_run_has_ended_there_is_no_exit_code() -> None:
    assert b"\nmaintainer_last_run_exit_code" not in page((exit_code_metric(None),))
    assert b"\nmaintainer_last_run_exit_code 70.0\n" in page((exit_code_metric(70),))
