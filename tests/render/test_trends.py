"""Where a figure went since earlier reports: the sentence, the direction, and the line."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.model.report import EarlierFigures
from maintainer.render.document import Document, document
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.trends import HEIGHT, WIDTH, Trend, drawn, line, trend
from maintainer.render.words import say
from tests.render.sample_report import SEOUL, english, report

IN_WORDS = partial(say, english())
Figures = Mapping[str, int | float]


def reported(*earlier: Figures, now: Figures) -> Document:
    """A report whose figures were these in the months before, January first."""
    before = tuple(
        EarlierFigures(f"2026-{month:02}", datetime(2026, month, 1, 9, tzinfo=SEOUL), figures)
        for month, figures in enumerate(earlier, 1)
    )
    return document(replace(report(figures=now), earlier=before), english())


def listed(*values: float) -> Document:
    *before, now = ({"rollouts.listed": value} for value in values)
    return reported(*before, now=now)


def of(made: Document, figure: str = "rollouts.listed", whole: str = "") -> Trend | None:
    return trend(figure, whole, made, IN_WORDS)


@pytest.mark.parametrize(
    ("values", "way", "change"),
    [
        ((288, 300), "up", "12 more than 2026-01"),
        ((300, 299.5), "down", "0.5 fewer than 2026-01"),
        ((1, 300, 300), "flat", "the same as 2026-02"),
    ],
)
def test_a_figure_is_compared_with_the_report_before(values: tuple[float, ...], way: str, change: str) -> None:
    shown = of(listed(*values))

    assert shown is not None
    assert (shown.way, shown.change, shown.tone) == (way, change, "neutral")


def test_three_values_make_a_line_and_two_do_not() -> None:
    two, three = of(listed(1, 2)), of(listed(1, 3, 2))

    assert two is not None
    assert three is not None
    assert (two.points, three.points) == ("", "2.0,21.0 48.0,3.0 94.0,12.0")
    assert three.end == (94.0, 12.0)
    assert three.history == "2026-01: 1, 2026-02: 3, now: 2"


def test_a_line_of_equal_values_is_in_the_middle() -> None:
    assert drawn((4, 4, 4)) == "2.0,12.0 48.0,12.0 94.0,12.0"


@pytest.mark.parametrize(
    ("before", "now", "tone"),
    [
        ((290, 300), (295, 300), "better"),
        ((300, 300), (290, 300), "worse"),
        ((300, 300), (250, 250), "neutral"),
        ((10, 12), (20, 22), "neutral"),
    ],
)
def test_a_part_is_worse_only_if_more_of_its_whole_is_missing(
    before: tuple[int, int], now: tuple[int, int], tone: str
) -> None:
    names = ("rollouts.agreeing", "rollouts.compared")
    made = reported(dict(zip(names, before, strict=True)), now=dict(zip(names, now, strict=True)))
    shown = of(made, *names)

    assert shown is not None
    assert shown.tone == tone
    assert shown.change.endswith(f", {tone}") == (tone != "neutral")


def test_without_an_earlier_value_there_is_no_trend() -> None:
    assert of(listed(300)) is None
    assert of(reported({"rollouts.compared": 1}, now={"rollouts.listed": 2})) is None
    assert of(reported({"rollouts.listed": 1}, now={})) is None


def test_what_is_no_number_is_left_out() -> None:
    assert of(listed(float("nan"), 300)) is None
    shown = of(listed(1, float("inf"), 3))

    assert shown is not None
    assert shown.change == "2 more than 2026-01"


def test_the_trend_stands_beside_its_figure() -> None:
    made = listed(1, 3, 2)

    assert 'points="2.0,21.0 48.0,3.0 94.0,12.0"' in html(made, english())
    assert "1 fewer than 2026-02" in html(made, english())
    assert "Rollouts: 2 (1 fewer than 2026-02)" in markdown(made, english())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=40))
def test_a_line_stays_in_its_box_and_higher_is_more(values: list[float]) -> None:
    points = line(values)

    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    highest, lowest = points[values.index(max(values))][1], points[values.index(min(values))][1]
    assert highest <= lowest
