"""What all pictures of the jobs to come have in common, in both languages; and bars, shades and axes."""

import re
from collections.abc import Callable
from functools import partial

import pytest

from maintainer.model.report import Report
from maintainer.model.sections import Amount, BeforeAfter, Heatmap, Measure
from maintainer.render.before_after import pairs
from maintainer.render.document import document
from maintainer.render.heat import heat_rows, shade, steps
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.time_axis import time_axis
from maintainer.render.words import say
from tests.render.sample_jobs import SAMPLES, sampling
from tests.render.sample_report import english, report, text
from tests.render.valid import problems

IN_WORDS = partial(say, english())
EACH = pytest.mark.parametrize(
    ("make", "language"), [(make, lang) for make in SAMPLES.values() for lang in ("en", "ko")]
)


@EACH
def test_each_sample_is_valid_and_has_no_word_that_is_missing(make: Callable[[], Report], language: str) -> None:
    catalogue = sampling(language)
    made = document(make(), catalogue)
    assert problems(made) == []

    for source in (html(made, catalogue), markdown(made, catalogue)):
        assert not re.search(r"\b(?:picture|report|pipeline-picture)/[a-z]", source)


@EACH
def test_each_picture_has_a_name_or_is_hidden_from_readers_of_words(make: Callable[[], Report], language: str) -> None:
    source = html(document(make(), sampling(language)), sampling(language))
    outer = re.sub(r"(<svg[^>]*>)(?=.*?</svg>)", r"\1", source)

    for attributes, after in re.findall(r"<svg([^>]*)>(.{0,20})", outer, re.DOTALL):
        named = 'role="img"' in attributes and ("aria-label" in attributes or after.strip().startswith("<title"))
        assert named or 'aria-hidden="true"' in attributes or "viewBox" in attributes


@EACH
def test_ids_are_unique(make: Callable[[], Report], language: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', html(document(make(), sampling(language)), sampling(language)))

    assert len(ids) == len(set(ids))


def test_bars_before_and_after_share_a_scale() -> None:
    made = BeforeAfter(
        text("Change"),
        text("15m"),
        text("25m"),
        (
            Measure(text("Pages"), text("pages"), Amount(40, 10), Amount(10, 10)),
            Measure(text("x"), text("min"), Amount(0), Amount(0)),
        ),
    )
    split, plain = pairs(document(report(sections=(made,)), english())["sections"][0], IN_WORDS)

    assert [(bar.name, bar.length, bar.real, bar.words) for bar in split.bars] == [
        ("15m", 100.0, 25.0, "40 pages (10 real)"),
        ("25m", 25.0, 25.0, "10 pages (10 real)"),
    ]
    assert (split.split, plain.split) == (True, False)
    assert [(bar.length, bar.words) for bar in plain.bars] == [(0.0, "0 min"), (0.0, "0 min")]


@pytest.mark.parametrize(("count", "step"), [(0, 0), (1, 1), (25, 1), (26, 2), (75, 3), (76, 4), (100, 4)])
def test_a_shade_is_a_quarter_of_the_highest_count(count: int, step: int) -> None:
    assert shade(count, 100) == step


def test_a_missing_count_is_not_zero() -> None:
    made = Heatmap(text("Pages"), text("pages"), (text("Mon"),), ("00", "01", "02"), ((0, None, 4),))
    section = document(report(sections=(made,)), english())["sections"][0]
    (row,) = heat_rows(section)

    assert (row.cells, row.total) == (((0, 0), (None, 0), (4, 4)), 4)
    assert list(steps(section)) == [(4, 4, 4)]
    assert '<td class="gap"><span><span class="vh">no data</span>' in html(
        document(report(sections=(made,)), english()), english()
    )


def test_a_short_axis_has_weeks_and_a_long_one_only_months() -> None:
    quarter = time_axis("2026-07-01T00:00:00+09:00", "2026-10-01T00:00:00+09:00").marks(IN_WORDS)
    year = time_axis("2026-01-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00").marks(IN_WORDS)

    assert [mark.label for mark in quarter if mark.strong] == ["Jul", "Aug", "Sep"]
    assert [mark.label for mark in quarter][:3] == ["Jul", "6", "13"]
    assert [mark.x for mark in quarter] == sorted(mark.x for mark in quarter)
    assert [mark.label for mark in year] == [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ]


def test_a_time_outside_of_an_axis_is_at_its_edge() -> None:
    axis = time_axis("2026-07-01T00:00:00+09:00", "2026-07-03T00:00:00+09:00")

    assert axis.stretch("2026-06-30T00:00:00+09:00", "2026-07-02T00:00:00+09:00") == (0.0, 50.0)
    assert time_axis("2026-07-01T00:00:00", "2026-07-01T00:00:00").at("2026-07-01T00:00:00") == 0.0
