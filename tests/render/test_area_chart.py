"""A stacked area: its layers, the limits, the forecast, and what is missing."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maintainer.model.sections import Area, Forecast, Limit, Series
from maintainer.render.area_chart import APART, HEIGHT, AreaChart, area_chart
from maintainer.render.document import Document, document
from maintainer.render.grids import FEW, grid, thinned
from maintainer.render.html import html
from maintainer.render.words import say
from tests.render.sample_jobs import DAYS, sampling, semiannual
from tests.render.sample_report import SEOUL, english, report, text

START = datetime(2026, 1, 1, tzinfo=SEOUL)
Values = tuple[float | None, ...]


def section(*series: Values, limits: tuple[Limit, ...] = (), forecast: Forecast | None = None) -> Document:
    times = tuple(START + timedelta(days=day) for day in range(len(series[0])))
    lines = tuple(Series(text(f"series {number}"), values) for number, values in enumerate(series))
    made = Area(text("Size"), text("GiB"), times, lines, limits, forecast)
    drawn: Document = document(report(sections=(made,)), english())["sections"][0]
    return drawn


def chart(*series: Values, limits: tuple[Limit, ...] = (), forecast: Forecast | None = None) -> AreaChart:
    drawn = area_chart(section(*series, limits=limits, forecast=forecast), partial(say, english()))
    assert drawn is not None
    return drawn


def test_a_series_stands_upon_those_before_it() -> None:
    below, above = chart((50, 50), (50, 50)).layers

    assert below.path == "M0 128.9L1000 128.9L1000 240L0 240Z"
    assert above.path == "M0 17.8L1000 17.8L1000 128.9L0 128.9Z"


def test_a_missing_value_is_a_hole_and_not_zero() -> None:
    drawn = chart((1, 1, None, 1, 1))

    assert drawn.missing == ((25.0, 50.0),)
    assert drawn.layers[0].path.count("M") == 2
    assert "NaN" not in drawn.layers[0].path


def test_a_value_that_json_cannot_hold_is_missing_too() -> None:
    assert chart((1, float("nan"), 1)).missing == ((0.0, 100.0),)


def test_limits_and_forecast_are_within_the_plot_and_are_said() -> None:
    forecast = Forecast((START + timedelta(days=3),), (18,), (20,), (30,))
    drawn = chart((10, 12), limits=(Limit(text("volume"), 50), Limit(text("cap"), 45, "proposed")), forecast=forecast)

    assert [limit.label for limit in drawn.limits] == ["volume: 50 GiB", "cap: 45 GiB"]
    assert [limit.state for limit in drawn.limits] == ["in-force", "proposed"]
    assert all(0 < limit.y < HEIGHT for limit in drawn.limits)
    assert drawn.forecast is not None
    assert drawn.forecast.label == "forecast for 2026-01-04: 20 GiB (18 to 30)"
    assert drawn.forecast.middle.startswith("M333.3 ")
    assert drawn.summary == (
        "10 GiB on 2026-01-01, 12 GiB on 2026-01-02, forecast for 2026-01-04: 20 GiB (18 to 30), "
        "volume: 50 GiB, cap: 45 GiB."
    )


def test_labels_of_limits_that_are_close_stand_on_both_sides_of_them() -> None:
    near = chart((10, 12), limits=(Limit(text("a"), 50), Limit(text("b"), 49))).limits
    far = chart((10, 12), limits=(Limit(text("a"), 50), Limit(text("b"), 25))).limits

    assert [limit.above for limit in near] == [True, False]
    assert [limit.above for limit in far] == [True, True]
    assert near[1].y - near[0].y < APART


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (50, ["10", "20", "30", "40", "50 GiB"]),
        (1, ["0.25", "0.5", "0.75", "1 GiB"]),
        (6e9, ["2,000,000,000", "4,000,000,000", "6,000,000,000 GiB"]),
    ],
)
def test_levels_are_round_and_only_the_highest_has_the_unit(highest: float, labels: list[str]) -> None:
    assert [level.label for level in chart((0, highest)).levels] == labels


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e12), min_size=2, max_size=30))
@example([0.0, 5e-324])
def test_every_plot_has_two_to_six_levels_in_its_height(values: list[float]) -> None:
    levels = chart(tuple(values)).levels

    assert 2 <= len(levels) <= 6
    assert all(0 <= level.y < HEIGHT for level in levels)


def test_without_a_value_there_is_no_chart() -> None:
    assert area_chart(section((None, None)), partial(say, english())) is None


def test_the_picture_has_a_title_a_description_and_its_numbers() -> None:
    source = html(document(semiannual(), sampling("en")), sampling("en"))

    assert '<title id="pic-1">Size on disk</title><desc id="pic-1-text">' in source
    assert "2026-06-29 00:00" in source
    assert len(source.encode()) < 300_000


def test_a_table_for_markdown_has_few_of_the_times_and_the_last() -> None:
    whole = document(semiannual(), sampling("en"))["sections"][0]
    few = thinned(whole)

    assert len(whole["times"]) == DAYS
    assert len(few["times"]) <= FEW
    assert few["times"][-1] == whole["times"][-1]
    assert [len(row) for row in grid(few, english()).rows] == [7] * (len(few["times"]) + 26)
