"""Durations as Prometheus reads and writes them."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.duration import duration, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("0s", 0),
        ("1ms", 0.001),
        ("500ms", 0.5),
        ("30s", 30),
        ("90s", 90),
        ("5m", 300),
        ("1h", 3600),
        ("1h30m", 5400),
        ("2d", 172800),
        ("1w", 604800),
        ("1y", 31536000),
        ("1y2w3d4h5m6s7ms", 31536000 + 2 * 604800 + 3 * 86400 + 4 * 3600 + 5 * 60 + 6 + 0.007),
        ("007s", 7),
    ],
)
def test_a_duration_of_prometheus_is_read(text: str, value: float) -> None:
    assert value == seconds(text)


@pytest.mark.parametrize(
    "text",
    ["", "5", "00", "1.5h", "1h1d", "1s1m", "1ms1s", "1m1m", "-1m", "+1m", "1 m", " 1m", "1m ", "1m\n", "1H", "1M", "m",
     "1hr", "1e3s", "one", "1h-30m", "1h 30m", "1us", "0x10s"],
    ids=repr,
)  # fmt: skip
def test_what_prometheus_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write it as Prometheus does"):
        seconds(text)


@pytest.mark.parametrize("text", ["\u0663s", "\uff13\uff10s", "1\uff10m"])
def test_digits_of_other_scripts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)


@pytest.mark.parametrize("text", ["293y", "9999999999999999999s"])
def test_more_than_prometheus_can_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        seconds(text)


UNITS = {"y": 31536000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


@given(
    st.lists(st.tuples(st.sampled_from(list(UNITS)), st.integers(0, 99)), unique_by=lambda part: part[0], min_size=1)
)
def test_units_are_read_in_falling_order_only(parts: list[tuple[str, int]]) -> None:
    text = "".join(f"{number}{unit}" for unit, number in parts)
    order = [list(UNITS).index(unit) for unit, _ in parts]
    if order == sorted(order) and sum(number for unit, number in parts if unit == "y") < 90:
        assert sum(number * UNITS[unit] for unit, number in parts) == seconds(text)
    elif order != sorted(order):
        with pytest.raises(ValueError, match="is not a duration"):
            seconds(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0s"), (30, "30s"), (30.0, "30s"), (90, "90s"), (0.5, "500ms"), (0.0001, "1ms"), (1.0001, "1001ms")],
)
def test_a_duration_is_written_in_whole_milliseconds_rounded_up(value: float, text: str) -> None:
    assert duration(value) == text


@given(st.floats(0, 1e9))
def test_a_range_is_never_too_short_and_never_a_millisecond_too_long(value: float) -> None:
    written = duration(value)
    milliseconds = int(written.removesuffix("ms")) if written.endswith("ms") else int(written.removesuffix("s")) * 1000

    # A float of 30 years in seconds is itself only known to a tenth of a microsecond.
    rounding = 1e-9 + value * 2**-50
    assert -rounding <= Fraction(milliseconds, 1000) - Fraction(value) < 0.001 + rounding


@given(st.integers(0, 10**9))
def test_whole_seconds_make_the_round_trip(value: int) -> None:
    assert duration(value) == f"{value}s"
    assert seconds(duration(value)) == value


@given(st.integers(0, 10**7))
def test_whole_milliseconds_make_the_round_trip(value: int) -> None:
    text = f"{value}ms"

    assert duration(seconds(text)) == (f"{value // 1000}s" if value % 1000 == 0 else text)


@given(st.floats(0, 1e6))
def test_what_is_written_can_be_read(value: float) -> None:
    assert seconds(duration(value)) == pytest.approx(ceil(value * 1000) / 1000, abs=0.0011)
