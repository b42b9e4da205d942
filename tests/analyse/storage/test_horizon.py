"""What the options lead to in half a year: of a known growth the known bytes, and nothing without a past."""

from typing import Any

import pytest

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.growth import AHEAD
from maintainer.analyse.storage.horizon import growths, horizon_table
from maintainer.analyse.storage.options import option
from maintainer.analyse.storage.review import StorageReview, with_outlook
from maintainer.analyse.storage.words import in_days, in_gib
from maintainer.model.byte_size import GIB
from maintainer.model.message import Message
from maintainer.model.sections import Table, Text
from maintainer.model.storage import Growth, Retention, StorageGrowth
from maintainer.render.words import load, say
from tests.analyse.storage.builders import METRICS, NOW, review


def grown(*, by: float, noise: float = 0.0, days: int = 28) -> StorageReview:
    """The review of a server that takes 5,000 samples a second now, and so many more with each day."""
    times = [NOW - step * DAY / 4 for step in reversed(range(days * 4 + 1))]
    ingest = tuple(
        (at, 5000 + (at - NOW) / DAY * by + noise * (number * 7 % 11 - 5)) for number, at in enumerate(times)
    )
    sizes = tuple((at, METRICS.blocks or 0.0) for at in times)
    return with_outlook(review(), StorageGrowth(sizes, ingest))


def table_of(of: StorageReview) -> Table:
    (table,) = horizon_table(of)
    assert isinstance(table, Table)
    return table


def between(row: tuple[Any, ...]) -> tuple[float, float]:
    assert isinstance(row[3], Message)
    least, most = row[3].named["least"], row[3].named["most"]
    assert isinstance(least, float | int)
    assert isinstance(most, float | int)
    return least, most


TRIPLED = Growth(2.0, AHEAD * DAY, AHEAD * DAY)


def test_the_growth_until_then_is_that_of_the_line() -> None:
    found = growths(grown(by=10_000 / AHEAD).outlook)

    assert found is not None
    for growth in (found.expected, found.least, found.most):
        assert growth.rate == pytest.approx(2.0)
        assert growth.period == growth.ahead == AHEAD * DAY


def test_a_steady_ingest_changes_nothing_which_needs_no_table() -> None:
    (said,) = horizon_table(grown(by=0.0))

    assert isinstance(said, Text)
    assert [paragraph.id for paragraph in said.paragraphs] == ["storage/horizon.steady"]


def test_each_option_stands_with_its_bytes_now_and_then_and_what_it_keeps_then() -> None:
    of = grown(by=10_000 / AHEAD)
    usage = of.usage
    assert usage is not None
    rows = {say(load("en"), name): row for row in table_of(of).rows if isinstance(name := row[0], Message)}
    now, then = option(Retention(90 * DAY), usage), option(Retention(90 * DAY), usage, TRIPLED)
    limited = option(Retention(30 * DAY, 45 * GIB), usage, TRIPLED)

    assert list(rows) == ["30d, 45GB (present)", "60d", "90d", "180d", "90d, 45GB"]
    assert rows["90d"][1:3] == (in_gib(now.stored), in_gib(then.stored))
    assert 2 < then.stored / now.stored < 3
    assert (of.options[0].bites, rows["30d, 45GB (present)"][4]) == ("time", Message("storage/option.bites.size"))
    assert rows["30d, 45GB (present)"][5:] == (in_days(limited.window), in_gib(limited.volume))


def test_the_bytes_lie_within_an_interval_that_is_wider_the_less_is_certain() -> None:
    calm, noisy = (table_of(grown(by=10, noise=noise)).rows[2] for noise in (5.0, 100.0))

    for row in (calm, noisy):
        least, most = between(row)
        assert least < float(str(row[2])) < most
    assert between(noisy)[1] - between(noisy)[0] > 3 * (between(calm)[1] - between(calm)[0])


def test_an_ingest_that_dies_out_is_no_negative_size() -> None:
    assert all(float(str(row[2])) > 0 for row in table_of(grown(by=-100)).rows)


def test_without_a_week_of_ingest_nothing_is_said() -> None:
    assert list(horizon_table(grown(by=10, days=6))) == []
    assert list(horizon_table(review())) == []


def test_without_the_past_of_the_ingest_nothing_is_said_although_the_size_is_known() -> None:
    sizes = tuple((NOW - day * DAY, METRICS.blocks or 0.0) for day in reversed(range(28)))
    of = with_outlook(review(), StorageGrowth(sizes))

    assert of.outlook is not None
    assert list(horizon_table(of)) == []


def test_it_is_worded() -> None:
    table = table_of(grown(by=10_000 / AHEAD))

    assert say(load("en"), table.title) == "The options in 184 days"
    assert table.lead is not None
    assert "from 5,000 samples a second to 15,000" in say(load("en"), table.lead)
