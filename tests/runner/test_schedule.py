"""What the calendar says is due, from what the ledger has."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.checks import CHECKS
from maintainer.model.ledger import Entry, Result
from maintainer.model.periods import period_of
from maintainer.schedule import JOBS, CalendarJob, JobState, job_state, run_by_hand, scheduled_run
from maintainer.settings_jobs import ScheduleSettings
from tests.runner.test_run import concluding

SEOUL = ScheduleSettings.model_validate({})
MONTHLY = CalendarJob("monthly", concluding(), "monthly", "present", tuple(CHECKS))
QUARTERLY = CalendarJob("quarterly", concluding(), "quarterly", "stored", tuple(CHECKS))
HARVEST = CalendarJob("harvest", concluding(), "daily", "stored", tuple(CHECKS))
RECONCILE = CalendarJob("reconcile", concluding(), "daily", "present", tuple(CHECKS))
ALL = (RECONCILE, HARVEST, MONTHLY, QUARTERLY)


def seoul(text: str) -> datetime:
    """A time on a clock in Seoul."""
    return datetime.fromisoformat(f"{text}+09:00")


def entry(
    job: CalendarJob,
    period: str,
    result: Result = "done",
    *,
    at: str = "2026-11-01 09:00",
    passing: bool = False,
    first: str = "",
) -> Entry:
    return Entry("c", job.name, period, result, seoul(at), passing=passing, first_at=seoul(first or at))


def state(job: CalendarJob, now: str, *entries: Entry) -> JobState:
    return job_state(job, entries, seoul(now), SEOUL)


def due(found: JobState) -> list[tuple[str, str]]:
    return [(each.turn.label, each.why) for each in found.due]


def missed(found: JobState) -> list[str]:
    return [turn.label for turn in found.missed]


@pytest.mark.parametrize(
    ("job", "label"),
    [(RECONCILE, "2026-11-27"), (HARVEST, "2026-11-26"), (MONTHLY, "2026-11"), (QUARTERLY, "2026-Q3")],
)
def test_with_an_empty_ledger_only_the_newest_turn_is_due(job: CalendarJob, label: str) -> None:
    found = state(job, "2026-11-27 06:00")

    assert due(found) == [(label, "first")]
    assert (found.missed, found.last) == ((), None)


def test_a_turn_that_was_taken_is_not_due_and_the_next_fire_is_known() -> None:
    found = state(MONTHLY, "2026-11-27 12:00", entry(MONTHLY, "2026-11"))

    assert (found.due, found.missed) == ((), ())
    assert found.next == seoul("2026-12-01 09:00")


def test_before_its_schedule_has_fired_a_turn_is_not_due() -> None:
    assert due(state(MONTHLY, "2026-12-01 08:59", entry(MONTHLY, "2026-11"))) == []
    assert due(state(MONTHLY, "2026-12-01 09:00", entry(MONTHLY, "2026-11"))) == [("2026-12", "new")]


def test_a_look_at_the_present_is_not_made_up_for() -> None:
    found = state(MONTHLY, "2027-02-03 10:00", entry(MONTHLY, "2026-10"))

    assert due(found) == [("2027-02", "new")]
    assert missed(found) == ["2026-11", "2026-12", "2027-01"]


def test_what_is_recorded_as_missed_is_not_missed_again() -> None:
    found = state(MONTHLY, "2027-01-03 10:00", entry(MONTHLY, "2026-11"), entry(MONTHLY, "2026-12", "missed"))
    assert (due(found), missed(found)) == ([("2027-01", "new")], [])


def test_stored_data_are_made_up_for_in_order() -> None:
    found = state(HARVEST, "2026-12-02 06:00", entry(HARVEST, "2026-11-28"))

    assert due(found) == [("2026-11-29", "new"), ("2026-11-30", "new"), ("2026-12-01", "new")]
    assert found.missed == ()


def test_stored_data_of_a_turn_that_could_not_be_recorded_are_taken_before_newer_ones() -> None:
    found = state(HARVEST, "2026-12-01 06:00", entry(HARVEST, "2026-11-27"), entry(HARVEST, "2026-11-29"))

    assert due(found) == [("2026-11-28", "new"), ("2026-11-30", "new")]
    assert found.last
    assert found.last.period == "2026-11-29"


@pytest.mark.parametrize(
    ("daily", "now", "labels"),
    [
        pytest.param("0 6 * * mon-fri", "2026-11-30 07:00", ["2026-11-27", "2026-11-28", "2026-11-29"], id="weekends"),
        pytest.param("30 2 * * *", "2026-03-09 03:00", ["2026-03-07", "2026-03-08"], id="the clocks leave out 2:30"),
        pytest.param("30 2 * * *", "2026-03-09 02:00", [], id="before the next fire"),
    ],
)
def test_a_day_without_a_fire_costs_no_stored_data(daily: str, now: str, labels: list[str]) -> None:
    schedule = ScheduleSettings.model_validate({"timeZone": "America/New_York", "daily": daily})
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("America/New_York"))
    day_before = {"2026-11-30": "2026-11-26", "2026-03-09": "2026-03-06"}[now[:10]]
    found = job_state(HARVEST, [entry(HARVEST, day_before)], at, schedule)

    assert [label for label, _ in due(found)] == labels
    runs = [scheduled_run(each.turn, at, schedule) for each in found.due]
    assert [(run.period.label, run.since) for run in runs] == [(run.label, run.period.start) for run in runs]


def test_an_entry_of_a_time_to_come_does_not_keep_a_job_from_running() -> None:
    wrong_clock = entry(MONTHLY, "2031-01", at="2031-01-01 09:00")

    assert due(state(MONTHLY, "2026-12-01 09:00", wrong_clock)) == [("2026-12", "first")]
    assert due(state(MONTHLY, "2026-12-01 09:00", wrong_clock, entry(MONTHLY, "2026-11"))) == [("2026-12", "new")]


@pytest.mark.parametrize(
    ("now", "again"),
    [
        pytest.param("2026-11-03 23:59", False, id="the same day"),
        pytest.param("2026-11-04 00:01", True, id="the next day"),
        pytest.param("2026-11-08 06:00", True, id="seven days after the first run"),
        pytest.param("2026-11-09 06:00", False, id="eight days after the first run"),
    ],
)
def test_a_run_that_could_not_look_for_a_reason_that_may_pass_is_repeated(now: str, again: bool) -> None:  # noqa: FBT001
    tried = entry(MONTHLY, "2026-11", "incomplete", at="2026-11-03 09:00", passing=True, first="2026-11-01 09:00")
    assert due(state(MONTHLY, now, tried)) == ([("2026-11", "again")] if again else [])


@pytest.mark.parametrize(
    "final",
    [entry(MONTHLY, "2026-11", "incomplete"), entry(MONTHLY, "2026-11"), entry(MONTHLY, "2026-11", "missed")],
    ids=["gaps that will not pass", "done", "missed"],
)
def test_what_will_not_pass_is_not_repeated(final: Entry) -> None:
    assert due(state(MONTHLY, "2026-11-02 09:00", final)) == []


def test_only_the_present_is_looked_at_again_and_each_period_of_stored_data() -> None:
    tried = {"result": "incomplete", "passing": True, "at": seoul("2026-11-30 06:00"), "first_at": None}
    reconciled, harvested = (replace(entry(job, "2026-11-30"), **tried) for job in (RECONCILE, HARVEST))  # type: ignore[arg-type]  # a mapping of several types

    assert due(state(RECONCILE, "2026-12-01 06:00", reconciled)) == [("2026-12-01", "new")]
    assert due(state(HARVEST, "2026-12-02 06:00", harvested)) == [("2026-11-30", "again"), ("2026-12-01", "new")]


def test_a_snapshot_is_titled_by_the_day_on_which_it_was_taken() -> None:
    by_hand = run_by_hand("monthly", seoul("2026-11-27 00:30"), SEOUL)
    assert (by_hand.period.label, by_hand.label) == ("2026-11-27", "2026-11")
    assert by_hand.period.start == seoul("2026-11-27 00:00")

    late = scheduled_run(state(MONTHLY, "2026-12-05 06:00").due[0].turn, seoul("2026-12-05 06:00"), SEOUL)
    assert (late.period.label, late.label) == ("2026-12-05", "2026-12")
    assert late.since == seoul("2026-11-01 00:00")


def test_who_asks_for_a_harvest_gets_its_report_and_the_calendar_only_records_it() -> None:
    now = seoul("2026-12-01 08:00")
    job = next(job for job in JOBS if job.name == "harvest")
    (due,) = job_state(job, (), now, SEOUL).due
    assert (run_by_hand("harvest", now, SEOUL).reports, run_by_hand("sample", now, SEOUL).reports) == (
        "always",
        "never",
    )
    assert scheduled_run(due.turn, now, SEOUL).reports == "never"


def test_before_the_first_fire_of_a_month_a_run_by_hand_belongs_to_the_month_before() -> None:
    assert run_by_hand("monthly", seoul("2026-12-01 08:00"), SEOUL).label == "2026-11"


def test_stored_data_are_titled_by_their_period() -> None:
    turn = state(QUARTERLY, "2027-01-01 09:00").due[0].turn
    made_up = scheduled_run(turn, seoul("2027-02-10 09:00"), SEOUL)

    assert (made_up.period.label, made_up.label) == ("2026-Q4", "2026-Q4")
    assert (made_up.period.start, made_up.period.end) == (seoul("2026-10-01 00:00"), seoul("2027-01-01 00:00"))


def test_the_names_of_the_jobs_differ() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)


HOURS = st.lists(st.integers(1, 24 * 50), min_size=1, max_size=12)


@settings(deadline=None, max_examples=40)
@given(HOURS, st.sampled_from(["Asia/Seoul", "UTC", "America/New_York", "America/Havana"]))
def test_whenever_it_runs_each_turn_is_taken_or_missed_once_and_in_order(hours: Sequence[int], zone: str) -> None:
    schedule = SEOUL.model_copy(update={"time_zone": zone})
    now = datetime(2027, 9, 1, 3, tzinfo=UTC)
    ledger: dict[str, list[str]] = {job.name: [] for job in ALL}
    entries: list[Entry] = []
    for pause in hours:
        now += timedelta(hours=pause)
        for job in ALL:
            found = job_state(job, entries, now, schedule)
            for turn in (*found.missed, *(each.turn for each in found.due)):
                ledger[job.name].append(turn.label)
                entries.append(Entry("c", job.name, turn.label, "done", now))

    for job in ALL:
        labels = ledger[job.name]
        period = period_of(job.span, noon(labels[0]), zone)
        for label in labels:
            assert label == period.label
            period = period_of(job.span, period.end, zone)


def noon(label: str) -> datetime:
    """The noon of the first day of a period."""
    year, _, rest = label.partition("-")
    months = {"Q1": "01", "Q2": "04", "Q3": "07", "Q4": "10"}
    month, _, day = months.get(rest, rest).partition("-")
    return datetime(int(year), int(month), int(day or 1), 12, tzinfo=UTC)
