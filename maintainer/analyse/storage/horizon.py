"""What the options lead to when half a year has gone by, if the ingest grows on as it did."""

from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.growth import AHEAD, Outlook
from maintainer.analyse.storage.options import Option, option
from maintainer.analyse.storage.review import StorageReview
from maintainer.analyse.storage.trend import SURE
from maintainer.analyse.storage.words import in_days, in_gib, option_name
from maintainer.model.message import message
from maintainer.model.sections import Cell, Table, Text
from maintainer.model.storage import Growth

COLUMNS = ("option", "now", "then", "between", "limit", "keeps", "volume")
_LEAST = 0.01
"""A trend that falls to nothing is computed with so much of today's ingest."""

_STEADY = 0.005
"""An ingest that changes by less is shown as the same."""


@dataclass(frozen=True, slots=True)
class Growths:
    """The growth of the ingest until the horizon: as expected, and the bounds of an interval of 95 %."""

    expected: Growth
    least: Growth
    most: Growth

    @property
    def steady(self) -> bool:
        """Whether the ingest stays as it is, also at the bounds."""
        return max(abs(growth.rate) for growth in (self.expected, self.least, self.most)) < _STEADY


def growths(outlook: Outlook | None) -> Growths | None:
    """The growth that the past tells; ``None`` if the past of the ingest is too short, or nothing arrived."""
    trend = outlook.ingest if outlook else None
    if outlook is None or trend is None or (today := trend.on_line(outlook.today)) <= 0:
        return None

    def until_then(sureness: float) -> Growth:
        factor = max(_LEAST, trend.on_line(outlook.today + AHEAD, sureness) / today)
        return Growth(factor - 1, AHEAD * DAY, AHEAD * DAY)

    return Growths(until_then(0.0), until_then(-SURE), until_then(SURE))


def horizon_table(review: StorageReview) -> Iterator[Table | Text]:
    """A row for each option: its bytes now and then, the limit that deletes first then, and what it keeps then.

    A sentence if the ingest stays as it is, for then the options do as well.
    """
    found, usage = growths(review.outlook), review.usage
    if found is None or usage is None:
        return
    title = message("storage/horizon.title", days=round(AHEAD))
    if found.steady:
        yield Text(title, (message("storage/horizon.steady", now=round(usage.ingest, 1)),))
        return
    rows: list[tuple[Cell, ...]] = []
    for now in review.options:
        then, least, most = (option(now.limits, usage, growth) for growth in (found.expected, found.least, found.most))
        rows.append((option_name(now, review.options), *_stored(now, then, (least, most)), *_limited(then)))
    yield Table(
        title,
        tuple(message(f"storage/horizon.column.{column}") for column in COLUMNS),
        tuple(rows),
        numeric=(1, 2, 5, 6),
        lead=message(
            "storage/horizon.lead",
            now=round(usage.ingest, 1),
            then=_ingest(usage.ingest, found.expected),
            least=_ingest(usage.ingest, found.least),
            most=_ingest(usage.ingest, found.most),
        ),
    )


def _stored(now: Option, then: Option, bounds: tuple[Option, Option]) -> tuple[Cell, ...]:
    least, most = (in_gib(bound.stored) for bound in bounds)
    return in_gib(now.stored), in_gib(then.stored), message("storage/horizon.between", least=least, most=most)


def _limited(then: Option) -> tuple[Cell, ...]:
    return message(f"storage/option.bites.{then.bites}"), in_days(then.window), in_gib(then.volume)


def _ingest(today: float, growth: Growth) -> float:
    return round(today * (1 + growth.rate), 1)
