"""The space that Prometheus needs: what was measured on real servers with 200 series a minute, and what must hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.storage.arithmetic import (
    DAY,
    HOUR,
    block_bytes,
    block_limit,
    growth_factor,
    longest_block,
    window_within,
)
from maintainer.analyse.storage.options import Option, chart_values, monthly_cost, option, time_in_full
from maintainer.model.byte_size import GIB
from maintainer.model.storage import Growth, Retention, Usage

MONTH = 30 * DAY
C30, C90 = 15_576_871, 46_176_928
"""Bytes of all files of the blocks of 30 and of 90 days, compacted."""
G200 = Usage(ingest=200 / 60, sample=C30 / 8_640_000, head=0)


@pytest.mark.parametrize(
    ("time", "limit", "block"),
    [
        (15 * DAY, 36 * HOUR, 18 * HOUR),
        (30 * DAY, 3 * DAY, 54 * HOUR),
        (90 * DAY, 9 * DAY, 162 * HOUR),
        (None, 31 * DAY, 486 * HOUR),
        (2 * HOUR, 2 * HOUR, 2 * HOUR),
        (3650 * DAY, 31 * DAY, 486 * HOUR),
    ],
)
def test_the_longest_block_follows_from_the_retention_time(time: float | None, limit: float, block: float) -> None:
    assert block_limit(time) == limit
    assert longest_block(block_limit(time)) == block


def test_thirty_days_tell_what_ninety_will_need() -> None:
    expected = block_bytes(G200, 90 * DAY)

    assert expected == pytest.approx(46_730_613, rel=1e-4)
    assert expected == pytest.approx(C90, rel=0.015)


def test_up_to_a_block_more_than_the_retention_time_is_kept() -> None:
    assert option(Retention(90 * DAY), G200).stored == pytest.approx(50.24e6, rel=1e-3)


@pytest.mark.parametrize(
    ("kept", "factor", "expected", "measured"),
    [(30, 1.2695, 1_854_563, 1_867_766), (90, 1.1576, 5_073_227, 5_100_381)],
)
def test_a_window_that_ends_later_is_of_the_ingest_of_that_time(
    kept: int, factor: float, expected: int, measured: int
) -> None:
    growth, usage = Growth(0.1, MONTH, 90 * DAY), Usage(ingest=0.221667, sample=2.5425, head=0)

    assert growth_factor(growth, kept * DAY) == pytest.approx(factor, abs=5e-5)
    assert block_bytes(usage, kept * DAY, growth) == pytest.approx(expected, rel=1e-4)
    assert block_bytes(usage, kept * DAY, growth) == pytest.approx(measured, rel=0.01)


@pytest.mark.parametrize("rate", [0.0, 1e-300, 1e-12])
def test_without_growth_nothing_grows(rate: float) -> None:
    assert growth_factor(Growth(rate, MONTH, 180 * DAY), 90 * DAY) == pytest.approx(1)


def test_what_a_size_surely_keeps_is_less_than_what_it_kept_when_it_was_measured() -> None:
    # 16MB kept 23.5 days of these 30, since a block of 486 hours and its parents counted at once.
    alone = option(Retention(None, 16 * 2**20), G200)

    assert alone.bites == "size"
    assert 10 * DAY < alone.window < 23.5 * DAY


def test_the_log_takes_its_part_of_the_size_limit() -> None:
    limit = 30 * 2**20
    with_log = Usage(G200.ingest, G200.sample, head=16e6)

    assert window_within(G200, limit, spare=0) - window_within(with_log, limit, spare=0) == pytest.approx(
        16e6 / (G200.ingest * G200.sample)
    )
    assert window_within(Usage(G200.ingest, G200.sample, head=38.6e6), limit, spare=0) == 0


BUSY = Usage(ingest=5_000, sample=1.4, head=3 * GIB)


def test_the_option_of_the_guide() -> None:
    choice = option(Retention(90 * DAY, 45 * GIB), BUSY)

    assert choice.bites == "size"
    assert choice.window == pytest.approx((42 * GIB / 7_000) - choice.block)
    assert choice.volume == 50 * GIB
    assert choice.fits(50 * GIB)
    assert not choice.fits(45 * GIB)


def test_a_time_that_needs_less_than_the_size_is_kept_as_a_whole() -> None:
    choice = option(Retention(30 * DAY, 45 * GIB), BUSY)

    assert (choice.bites, choice.window) == ("time", 30 * DAY)
    assert choice.stored == pytest.approx(7_000 * (30 * DAY + 54 * HOUR) + 3 * GIB)


def test_without_any_limit_prometheus_keeps_15_days() -> None:
    assert option(Retention(), BUSY).limits == Retention(15 * DAY)


def test_a_server_that_takes_no_samples_needs_no_more_than_its_log() -> None:
    idle = option(Retention(30 * DAY, GIB), Usage(ingest=0, sample=1.4, head=1e6))

    assert (idle.bites, idle.window, idle.stored, idle.volume) == ("time", 30 * DAY, 1e6, 2 * GIB)


@pytest.mark.parametrize("days", [15, 30, 92, 180])
def test_a_time_that_is_to_be_kept_in_full_is_not_cut_by_its_own_size_limit(days: int) -> None:
    whole = time_in_full(days * DAY, BUSY)

    assert (whole.bites, whole.window) == ("time", days * DAY)
    assert (whole.limits.size or 0) <= 0.9 * whole.volume


def test_a_volume_has_a_price() -> None:
    assert monthly_cost(50 * GIB, 0.08) == pytest.approx(4.0)


def test_the_values_are_written_as_the_chart_takes_them() -> None:
    assert chart_values(Retention(90 * DAY, 45 * GIB), 50 * GIB) == (
        "prometheus:\n  retention:\n    time: 90d\n    size: 45GB\n  persistence:\n    size: 50Gi"
    )
    assert chart_values(Retention(36 * HOUR)) == 'prometheus:\n  retention:\n    time: 36h\n    size: ""'


usages = st.builds(Usage, ingest=st.floats(0.01, 1e6), sample=st.floats(0.5, 10), head=st.floats(0, 1e11))
times = st.none() | st.integers(1, 4000).map(lambda days: days * DAY)
sizes = st.none() | st.integers(2**20, 2**45)


@given(time=times, size=sizes, usage=usages)
def test_an_option_promises_no_more_than_its_limits(time: float | None, size: int | None, usage: Usage) -> None:
    choice = option(Retention(time, size), usage)

    assert 0 <= choice.window <= (choice.limits.time or math.inf)
    assert choice.stored <= (size or math.inf)
    assert choice.volume >= choice.stored + choice.spare - GIB


@given(time=times, size=sizes, usage=usages)
def test_what_is_promised_fits_into_the_limits_also_while_a_block_is_written(
    time: float | None, size: int | None, usage: Usage
) -> None:
    choice = option(Retention(time, size), usage)

    if size and choice.window > 0:
        assert usage.head + usage.ingest * usage.sample * (choice.window + choice.block) <= size * (1 + 1e-9)


def test_growth_makes_the_size_bite_earlier() -> None:
    now: Option = option(Retention(60 * DAY, 45 * GIB), BUSY)
    later = option(Retention(60 * DAY, 45 * GIB), BUSY, Growth(0.1, MONTH, 180 * DAY))

    assert (now.bites, later.bites) == ("time", "size")
    assert later.window < now.window
