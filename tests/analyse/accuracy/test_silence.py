"""Stretches without a scrape are told as far as they are certain."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.accuracy.samples import Stretch
from maintainer.analyse.accuracy.silence import looked, silent_stretches
from maintainer.model.facts import ScrapedTimes

START, STEP, WIDTH, STEPS = 1_700_000_000, 60, 300, 120
END = START + STEPS * STEP


def scraped(scrapes: list[int], *, now: bool = True) -> ScrapedTimes:
    """What a query finds where there were scrapes at these times."""
    grid = range(START, END + 1, STEP)
    seen = frozenset(at for at in grid if any(at - WIDTH < scrape <= at for scrape in scrapes))
    return ScrapedTimes(START, END, STEP, WIDTH, seen, now=now)


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


EVERY_30 = list(range(START - 600, END + 1, 30))


def without(first: int, last: int) -> list[int]:
    return [at for at in EVERY_30 if not START + first < at < START + last]


def test_where_scrapes_go_on_nothing_is_silent() -> None:
    assert list(silent_stretches(scraped(EVERY_30))) == []


def test_a_prometheus_that_restarts_within_a_minute_is_not_told() -> None:
    assert list(silent_stretches(scraped(without(1000, 1090)))) == []


def test_a_stretch_lasts_to_the_present_if_nothing_is_scraped_now() -> None:
    (found,) = silent_stretches(scraped([at for at in EVERY_30 if at <= START + 3600]))
    assert found.end == moment(END)
    assert timedelta(0) <= found.start - moment(START + 3600) <= timedelta(seconds=STEP)


def test_a_stretch_that_was_there_at_the_beginning_reaches_back_before_it() -> None:
    (found,) = silent_stretches(scraped(without(-400, 1800)))
    assert found.start <= moment(START)


@given(st.lists(st.tuples(st.integers(0, 7200), st.integers(1, 3000)), max_size=3))
def test_no_scrape_lies_in_a_stretch_and_no_long_hole_is_overlooked(holes: list[tuple[int, int]]) -> None:
    scrapes = [at for at in EVERY_30 if not any(START + first < at < START + first + long for first, long in holes)]

    found = list(silent_stretches(scraped(scrapes)))

    assert not any(one.start < moment(at) <= one.end for one in found for at in scrapes)
    for before, after in zip(scrapes, [*scrapes[1:], END], strict=True):
        if after - before >= WIDTH + 2 * STEP:
            assert any(
                one.start - moment(before) <= timedelta(seconds=STEP)
                and moment(after) - one.end <= timedelta(seconds=STEP)
                for one in found
            )


def test_the_time_that_was_looked_at_is_told() -> None:
    assert looked(scraped(EVERY_30)) == Stretch(moment(START), moment(END))


def test_a_query_that_does_not_see_what_is_scraped_now_says_nothing() -> None:
    assert looked(scraped([], now=True)) is None
    assert looked(scraped([], now=False)) == Stretch(moment(START), moment(END))
