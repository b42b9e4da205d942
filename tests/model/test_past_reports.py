"""Which reports are meant by a period, a day and ``latest``."""

import pytest

from maintainer.model.ledger import Entry, packed
from maintainer.model.past_reports import meant, with_report
from tests.store.entries import entry

REPORT = packed("{}")
HOURS = 60.0
OCTOBER = entry("2026-10", report=REPORT)
NOVEMBER = entry("2026-11", minutes=26 * 24 * HOURS, report=REPORT)
"""Of 27 November, 12:00 in Seoul."""
LATE = entry("2026-12", minutes=30 * 24 * HOURS + 13 * HOURS, report=REPORT)
"""Of 1 December, 16:00 UTC, which is 2 December in Seoul."""
QUARTER = entry("2026-Q3", job="quarterly", minutes=1, report=REPORT)


def test_what_keeps_no_report_is_left_out_and_the_newest_is_last() -> None:
    entries = (NOVEMBER, entry("2026-11-27", job="sample", minutes=5), QUARTER, entry("2026-09", result="missed"))

    assert with_report((*entries, OCTOBER)) == (OCTOBER, QUARTER, NOVEMBER)
    assert with_report((*entries, OCTOBER), job="quarterly") == (QUARTER,)


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("2026-10", (OCTOBER,)),
        ("2026-Q3", (QUARTER,)),
        ("2026-11-27", (NOVEMBER,)),
        ("2026-11-01", (OCTOBER, QUARTER)),
        ("2026-12-02", (LATE,)),
        ("2026-12-01", ()),
        ("2026", ()),
        ("latest", (LATE,)),
    ],
)
def test_a_period_a_day_in_the_time_zone_or_the_newest_is_meant(period: str, found: tuple[Entry, ...]) -> None:
    assert meant((OCTOBER, QUARTER, NOVEMBER, LATE), period, "Asia/Seoul") == found


def test_the_newest_report_is_one_of_each_cluster() -> None:
    staging = entry("2026-10", cluster="staging", minutes=-5, report=REPORT)

    assert meant((NOVEMBER, staging, OCTOBER), "latest", "UTC") == (staging, NOVEMBER)
