"""The calendar as a table for a terminal."""

import re
from datetime import UTC, datetime

from maintainer.model.ledger import Entry
from maintainer.model.message import message
from maintainer.render.calendar import CalendarRow, calendar_table
from maintainer.render.words import load

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_job_has_its_last_result_its_next_date_and_what_is_due() -> None:
    last = Entry("c", "monthly", "2026-10", "done", datetime(2026, 10, 31, 15, tzinfo=UTC), "findings")
    missed = message("schedule/missed", count=1, first="2026-11", last="2026-11")
    due = message("schedule/due.new", period="2026-12", fired="2026-12-01 09:00")
    rows = [CalendarRow("monthly", last, DECEMBER, (missed, due)), CalendarRow("sample", None, None, ())]

    lines = calendar_table(rows, load("en"), time_zone="Asia/Seoul", width=160).splitlines()

    assert lines[0].split() == ["job", "last", "period", "result", "next", "due"]
    assert [cell.strip() for cell in re.split(" {3,}", lines[2])] == [
        "monthly",
        "2026-10",
        "done 2026-11-01 00:00 findings",
        "2026-12-01 09:00",
        "2026-11: missed, and will be recorded as missed",
    ]
    assert lines[3].strip() == "2026-12: not run since 2026-12-01 09:00"
    assert lines[4].strip() == "sample    never run"
