"""The day on which a limit is reached lies in the interval that is told, and the interval is not a safe guess."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.storage.crossing import HORIZON, Compacted, Crossing, crossing, deletion, stored_size
from maintainer.analyse.storage.trend import trend
from tests.analyse.storage.histories import KINDS, History, Kind, history


def predicted(case: History) -> Crossing:
    found = trend(case.samples)
    assert found is not None
    return crossing(stored_size(found), case.limit, today=case.today)


def is_hit(case: History) -> bool:
    told = predicted(case)
    after_the_first = told.earliest is not None and told.earliest <= case.full
    return after_the_first and (told.latest is None or case.full <= told.latest)


def width(case: History) -> float:
    """As a multiple of the width for an observer who knows the model."""
    told = predicted(case)
    end = case.today + HORIZON
    last, first = (end if day is None else day for day in (told.latest, told.earliest))
    return (last - first) / (case.best[1] - case.best[0])


@pytest.mark.parametrize(("each", "hits"), [(4, 0.8), pytest.param(125, 0.9, marks=pytest.mark.extended)])
def test_the_true_day_lies_in_nine_of_ten_intervals_and_half_of_them_are_narrow(each: int, hits: float) -> None:
    cases = [history(kind, random.Random(f"{kind} {number}")) for kind in KINDS for number in range(each)]
    assert sum(map(is_hit, cases)) >= hits * len(cases)
    assert sum(width(case) <= 2 for case in cases) >= len(cases) / 2


def line(days: int, *, slope: float = 1.0) -> list[tuple[float, float]]:
    return [(step / 4, 10 + slope * step / 4) for step in range(days * 4 + 1)]


@pytest.mark.parametrize("days", [0, 1, 6])
def test_nothing_is_said_of_less_than_a_week(days: int) -> None:
    assert trend(line(days)) is None


def test_an_exact_line_has_an_exact_day() -> None:
    found = trend(line(30))
    assert found is not None
    told = crossing(stored_size(found), 50, today=30)
    assert (told.earliest, told.expected, told.latest) == pytest.approx((40, 40, 40))


@pytest.mark.parametrize("slope", [0.0, -1.0])
def test_what_does_not_grow_reaches_no_limit(slope: float) -> None:
    found = trend(line(30, slope=slope))
    assert found is not None
    assert crossing(stored_size(found), 50, today=30) == Crossing(None, None, None)


def test_a_size_over_the_limit_is_over_it_today() -> None:
    found = trend(line(30))
    assert found is not None
    assert crossing(stored_size(found), 20, today=30) == Crossing(30, 30, 30)


def first_deletion(limit: float, *, a_day: float, lengths: tuple[int, ...]) -> float:
    """Played hour by hour from day 30 on, with a size of 10 and ``a_day`` more with each day: lengths in hours."""
    for hour in range(30 * 24, 600 * 24):
        written = max((length for length in lengths if (hour - 3) % length == 0), default=0) * a_day / 24
        size = 10 + hour * a_day / 24
        if size + min(size, written) >= limit:
            return hour / 24
    raise AssertionError("it is never reached")


@settings(max_examples=60, deadline=None)
@given(
    limit=st.floats(50, 200),
    a_day=st.floats(0.7, 1.3),
    lengths=st.sampled_from([(), (6, 18), (6, 18, 54), (6, 18, 54, 162), (6, 18, 54, 162, 486)]),
)
def test_a_size_limit_deletes_when_the_block_that_is_compacted_has_no_room(
    limit: float, a_day: float, lengths: tuple[int, ...]
) -> None:
    found = trend(line(30, slope=a_day))
    assert found is not None
    compacted = Compacted(tuple(length / 24 for length in lengths), a_day)
    told = deletion(stored_size(found), limit, today=30, compacted=compacted)

    assert told.expected == pytest.approx(first_deletion(limit, a_day=a_day, lengths=lengths), abs=1 / 24 + 1e-6)
    assert told.latest == crossing(stored_size(found), limit, today=30).latest


def test_a_disk_is_not_said_to_fill_by_days_that_retention_will_delete() -> None:
    """After 12 of 30 days of retention the size grows by a day's data each day, until the 30th day."""
    size, ingest = trend(line(12)), trend([(step / 4, 100.0) for step in range(49)])
    assert size is not None
    assert crossing(stored_size(size, ingest, full_on=30), 60, today=12) == Crossing(None, None, None)
    assert crossing(stored_size(size, ingest, full_on=30), 30, today=12).expected == pytest.approx(20)


def test_after_that_it_grows_as_the_ingest_rate() -> None:
    """From 40 on the 30th day, by a hundredth a day."""
    size, ingest = trend(line(12)), trend([(step / 4, 70.0 + step / 4) for step in range(49)])
    assert size is not None
    assert crossing(stored_size(size, ingest, full_on=30), 44, today=12).expected == pytest.approx(40)


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(1, 118), max_size=8), st.sampled_from([-1e6, 1e6]))
def test_single_wrong_samples_do_not_bend_the_trend(places: set[int], wrong: float) -> None:
    samples = [(day, wrong if index in places else value) for index, (day, value) in enumerate(line(30))]
    found = trend(samples)
    assert found is not None
    assert found.slope == pytest.approx(1.0)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(1e-3, 1e12), st.sampled_from(KINDS))
def test_units_and_the_order_of_samples_change_nothing(chance: random.Random, unit: float, kind: Kind) -> None:
    case = history(kind, random.Random(f"unit {kind}"))
    shuffled = [(day, value * unit) for day, value in case.samples]
    chance.shuffle(shuffled)
    first, again = trend(case.samples), trend(shuffled)
    assert first is not None
    assert again is not None
    assert again.slope == pytest.approx(first.slope * unit)
    assert again.steps == pytest.approx(first.steps)
