"""The year of the calendar that the demo of all jobs tells of."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from maintainer.commands.demo_calendar import turns_of_year
from maintainer.settings import load

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (
            datetime(2026, 12, 1, 8, tzinfo=SEOUL),
            {"monthly": "2026-11", "quarterly": "2026-Q3", "semiannual": "2026-H2"},
        ),
        (
            datetime(2027, 1, 1, 9, tzinfo=SEOUL),
            {"monthly": "2027-01", "quarterly": "2026-Q4", "semiannual": "2027-H1"},
        ),
    ],
)
def test_a_year_has_a_turn_for_each_fire_of_each_schedule(now: datetime, newest: dict[str, str]) -> None:
    year = turns_of_year(now, load("", {}, {}).schedule)

    assert {name: len(turns) for name, turns in year.items()} == {
        "reconcile": 365,
        "sample": 365,
        "harvest": 365,
        "monthly": 12,
        "quarterly": 4,
        "semiannual": 2,
    }
    assert {name: year[name][-1].label for name in newest} == newest
    assert all(turn.fired <= now for turns in year.values() for turn in turns)
