"""What the samples of the days say of the days, with a slow count as the judge where one exists."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maintainer.analyse.accuracy.month import Month, PastDifference, Spell, differences, joined, month
from maintainer.analyse.accuracy.samples import Differing, Sample, Stretch
from tests.analyse.accuracy.sampled import at, cut, sample, states

UTC_ZONE, SEOUL = ZoneInfo("UTC"), ZoneInfo("Asia/Seoul")
ZONES = ("Asia/Seoul", "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo")
CART, TAX = "Rollout/checkout/cart", "Rollout/checkout/tax"


def test_the_time_since_the_first_sample_that_no_sample_looked_at_is_told() -> None:
    def taken(day: int, looked: Stretch | None) -> Sample:
        return replace(sample(at(day)), looked=looked)

    first, later = taken(2, Stretch(at(2), at(2))), Stretch(at(4), at(31, 9))
    assert of(first, taken(3, None), taken(31, later)).unknown == timedelta(days=2)
    assert of(first, taken(3, Stretch(at(2), at(3))), taken(4, Stretch(at(3), at(4))), now=at(4)).unknown == timedelta(
        0
    )
    assert of().unknown == timedelta(0)


QUARTER = timedelta(minutes=15)
"""No zone has an offset that is no multiple of it."""


def of(*samples: Sample, since: datetime | None = None, now: datetime | None = None) -> Month:
    """The month of 2026-10-01 to 2026-10-31, or to a time."""
    return month(samples, UTC_ZONE, since=since or at(1, 0), now=now or at(31, 9))


def every_day(*days: int) -> tuple[Sample, ...]:
    return tuple(sample(at(day)) for day in days)


def test_a_difference_that_came_and_went_has_the_samples_between_which_it_began_and_ended() -> None:
    (found,) = of(*every_day(1, 2), sample(at(3), CART), sample(at(4), CART), *every_day(5)).differences

    assert found == PastDifference("accuracy/phase", "drift", Spell(at(2), at(3), at(4), at(5)), (CART,))


def test_a_difference_at_the_first_sample_began_at_an_unknown_time() -> None:
    (found,) = of(sample(at(1), CART), sample(at(2))).differences
    assert found.spell == Spell(None, at(1), at(1), at(2))


def test_a_difference_in_the_last_sample_is_not_over() -> None:
    (found,) = of(sample(at(30)), sample(at(31), CART)).differences
    assert found.spell == Spell(at(30), at(31), at(31), None)


def test_a_difference_that_comes_back_is_a_second_one() -> None:
    found = of(sample(at(3), CART), sample(at(4)), sample(at(5), CART), sample(at(6))).differences
    assert [one.spell.first for one in found] == [at(3), at(5)]


def test_subjects_that_differ_in_the_same_time_are_told_together() -> None:
    one, other = of(sample(at(3), CART, TAX), sample(at(4)), sample(at(5), TAX)).differences
    assert (one.subjects, other.subjects) == ((CART, TAX), (TAX,))


@pytest.mark.parametrize(
    "between",
    [sample(at(4), undecided=[CART]), sample(at(4), not_checked=["accuracy/phase"])],
    ids=["moving", "not checked"],
)
def test_what_could_not_be_looked_at_did_not_end(between: Sample) -> None:
    (found,) = of(sample(at(2)), sample(at(3), CART), between, sample(at(5), CART), sample(at(6))).differences
    assert found.spell == Spell(at(2), at(3), at(5), at(6))


def test_a_gap_in_another_check_does_not_hide_that_a_difference_ended() -> None:
    (found,) = of(sample(at(3), CART), sample(at(4), not_checked=["coverage/ghost"]), sample(at(5))).differences
    assert found.spell.after == at(4)


def test_a_subject_that_a_full_list_cannot_name_is_not_taken_for_gone() -> None:
    many = [CART, *(f"Rollout/checkout/b{number}" for number in range(3)), TAX]
    full = replace(sample(at(4)), differing=(Differing("accuracy/phase", "drift", cut(many, 3)),))

    found = {one.subjects: one for one in of(sample(at(3), TAX), full, sample(at(5), TAX), sample(at(6))).differences}

    assert found[TAX,].spell == Spell(None, at(3), at(5), at(6))
    assert found[TAX,].more == 2


def test_each_day_has_the_state_with_most_to_tell() -> None:
    days = states(
        of(
            sample(at(3)),
            sample(at(4), CART),
            sample(at(5), not_checked=["accuracy/phase"]),
            sample(at(8), silent=[(at(7, 13), at(7, 18))]),
            now=at(9, 9),
        )
    )
    assert days == {
        1: "before",
        2: "before",
        3: "agreed",
        4: "differed",
        5: "unknown",
        6: "none",
        7: "silent",
        8: "agreed",
        9: "none",
    }


@pytest.mark.parametrize(
    ("second", "state"),
    [
        (sample(at(3, 18)), "agreed"),
        (sample(at(3, 18), CART), "differed"),
        (sample(at(3, 18), not_checked=["accuracy/phase"]), "unknown"),
    ],
    ids=["agreed", "differed", "not compared"],
)
def test_of_two_samples_a_day_the_worse_counts(second: Sample, state: str) -> None:
    assert states(of(sample(at(3)), second))[3] == state
    assert states(of(replace(second, at=at(3)), replace(sample(at(3)), at=at(3, 18))))[3] == state


def test_a_sample_from_before_tells_that_days_without_one_are_no_days_before_the_first() -> None:
    assert states(of(sample(at(-5)), sample(at(2))))[1] == "none"


def test_what_was_over_before_the_first_day_is_not_told() -> None:
    before = (sample(at(-2), CART, silent=[(at(-3), at(-2, 0))]), sample(at(-1)))
    found = of(*before, *every_day(1, 2))
    assert (found.differences, found.silent) == ((), ())


def test_a_day_belongs_to_the_zone_of_the_settings() -> None:
    late = sample(at(3, 20), CART)  # on the 4th in Seoul
    assert states(month([late], SEOUL, since=at(1, 0), now=at(9)))[4] == "differed"


def test_hours_without_scrapes_over_midnight_are_shared_between_the_days() -> None:
    found = of(sample(at(4), silent=[(at(2, 22), at(3, 3))]))
    assert {day.date.day: day.silent for day in found.days if day.silent} == {
        2: timedelta(hours=2),
        3: timedelta(hours=3),
    }


def test_what_two_samples_saw_of_one_stretch_is_one() -> None:
    found = of(sample(at(3), silent=[(at(3, 2), at(3, 6))]), sample(at(4), silent=[(at(3, 5), at(3, 9))]))
    assert found.silent == (Stretch(at(3, 2), at(3, 9)),)


MOMENTS = st.integers(0, 31 * 24 * 4).map(lambda quarters: at(1, 0) + timedelta(minutes=15 * quarters))
STRETCHES = st.lists(st.tuples(MOMENTS, st.integers(1, 200)), max_size=6).map(
    lambda pairs: [(start, start + length * QUARTER) for start, length in pairs]
)


@settings(deadline=None)
@given(silent=STRETCHES, zone=st.sampled_from(ZONES).map(ZoneInfo), start=st.sampled_from([0, 5, 150, 180, 210]))
def test_the_hours_without_scrapes_of_each_day_are_those_that_a_clock_on_the_wall_counts(
    silent: Sequence[tuple[datetime, datetime]], zone: ZoneInfo, start: int
) -> None:
    silent = [(one + timedelta(days=start), other + timedelta(days=start)) for one, other in silent]
    since, now = at(1 + start, 12), at(32 + start, 9)

    found = month([sample(now, silent=silent)], zone, since=since.astimezone(zone), now=now.astimezone(zone))

    quarters = {one + number * QUARTER for one, other in silent for number in range((other - one) // QUARTER)}
    counted: dict[str, int] = {}
    for quarter in quarters:
        day = str(quarter.astimezone(zone).date())
        if quarter < now and quarter.astimezone(zone).date() >= since.astimezone(zone).date():
            counted[day] = counted.get(day, 0) + 1
    assert {str(day.date): day.silent // QUARTER for day in found.days if day.silent} == counted
    assert sum((part.end - part.start) // QUARTER for part in found.silent) == sum(counted.values())


@given(STRETCHES)
@example([(at(1), at(2)), (at(2), at(3))])
def test_joined_stretches_are_apart_and_cover_the_same(silent: Sequence[tuple[datetime, datetime]]) -> None:
    found = list(joined(Stretch(*times) for times in silent))

    assert all(one.end < other.start for one, other in pairwise(found))
    edges = [edge for times in silent for edge in times]
    for moment in (*edges, *(edge - QUARTER for edge in edges)):
        assert any(start <= moment < end for start, end in silent) == any(
            one.start <= moment < one.end for one in found
        )


SEEN = st.sampled_from(["there", "gone", "unknown"])


@given(st.lists(st.tuples(SEEN, SEEN), min_size=1, max_size=12))
def test_spells_are_the_runs_of_samples_in_which_a_subject_differs(seen: Sequence[tuple[str, str]]) -> None:
    taken = [
        sample(
            at(1 + number),
            *(subject for subject, what in zip((CART, TAX), both, strict=True) if what == "there"),
            undecided=[subject for subject, what in zip((CART, TAX), both, strict=True) if what == "unknown"],
        )
        for number, both in enumerate(seen)
    ]
    found = {
        (subject, *map(_day, (one.spell.before, one.spell.first, one.spell.last, one.spell.after)))
        for one in differences(taken)
        for subject in one.subjects
    }
    assert found == {
        (subject, *run) for column, subject in enumerate((CART, TAX)) for run in _runs([both[column] for both in seen])
    }


def _day(when: datetime | None) -> int | None:
    return (when.astimezone(UTC) - at(1)).days if when else None


def _runs(seen: Sequence[str]) -> list[tuple[int | None, int, int, int | None]]:
    """The runs of ``there`` when all that is unknown is left out, with their neighbours."""
    known = [(number, what) for number, what in enumerate(seen) if what != "unknown"]
    groups = [(what, [number for number, _ in group]) for what, group in groupby(known, key=lambda pair: pair[1])]
    return [
        (
            groups[place - 1][1][-1] if place else None,
            numbers[0],
            numbers[-1],
            groups[place + 1][1][0] if place + 1 < len(groups) else None,
        )
        for place, (what, numbers) in enumerate(groups)
        if what == "there"
    ]
