from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maintainer.model.ledger import (
    archive_name,
    archive_names,
    earlier_figures,
    last_report,
    months_before,
    packed,
    unpacked,
)
from tests.render.sample_report import report
from tests.store.entries import NOW, entry


def test_the_last_report_is_the_newest_of_the_job_in_the_cluster() -> None:
    newest = entry("2026-10", minutes=2)
    entries = (
        entry("2026-09", minutes=1),
        newest,
        entry("2026-11", minutes=3, result="missed"),
        entry("2026-11", minutes=4, cluster="staging"),
        entry("2026-11", minutes=5, job="quarterly"),
    )

    assert last_report(entries, "production", "monthly") == newest
    assert last_report(entries, "production", "semiannual") is None


def test_a_report_is_told_its_figures_in_the_reports_before() -> None:
    present = replace(report(figures={"rollouts.figure-0": 1}), generated_at=NOW + timedelta(minutes=20))
    entries = [
        *(entry(f"run {minutes}", minutes=minutes, figures=3) for minutes in range(15, 2, -1)),
        entry("later", minutes=30),
        entry("missed", minutes=16, result="missed"),
        entry("elsewhere", minutes=17, cluster="staging"),
        entry("another", minutes=18, job="quarterly"),
    ]
    earlier = earlier_figures(entries, "production", present)

    assert [one.period for one in earlier] == [f"run {minutes}" for minutes in range(5, 16)]
    assert earlier[-1].figures == {"rollouts.figure-0": 0}


@pytest.mark.parametrize(
    ("now", "months", "first"),
    [
        (datetime(2026, 11, 30, 12, tzinfo=UTC), 0, datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 1, 31, tzinfo=UTC), 1, datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 36, datetime(2025, 2, 1, tzinfo=UTC)),
    ],
)
def test_months_are_counted_back_from_the_present_one(now: datetime, months: int, first: datetime) -> None:
    assert months_before(now, months) == first


def test_the_documents_of_the_archive_have_the_months_of_utc() -> None:
    assert archive_name(datetime.fromisoformat("2026-11-01T08:59:00+09:00")) == "archive-2026-10"
    assert archive_names(datetime(2026, 1, 31, tzinfo=UTC), range(3)) == (
        "archive-2026-01",
        "archive-2025-12",
        "archive-2025-11",
    )


def test_a_report_is_packed_and_unpacked() -> None:
    assert unpacked(packed('{"a": "é"}')) == '{"a": "é"}'


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "cut off"), (b"nonsense", "incorrect header"), (packed("a report")[:-1], "cut off")],
)
def test_what_is_no_packed_report_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        unpacked(content)


def test_a_report_that_unpacks_to_more_than_any_report_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 64 MiB"):
        unpacked(packed(" " * (65 * 2**20)))
