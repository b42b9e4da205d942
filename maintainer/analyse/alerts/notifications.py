"""What Alertmanager counts of its notifications, beside the pages that are estimated for the same hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from maintainer.analyse.alerts.pages import Page
from maintainer.model.alerts import HOUR, HourCoverage, RawSeries

FACTOR = 1.5
"""If one of two numbers is more than so many times the other, they disagree."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The notifications of some hours by Alertmanager's counter, and the pages that are estimated for these hours."""

    notifications: int
    pages: int
    hours: int

    @property
    def too_few(self) -> bool:
        """Whether it sent so much less than is estimated that the estimate is wrong."""
        return self.pages > FACTOR * self.notifications

    @property
    def more(self) -> bool:
        """Whether it sent so much more that the estimate does not explain it."""
        return self.notifications > FACTOR * self.pages


def with_notifications(coverage: Iterable[HourCoverage], series: Iterable[RawSeries]) -> tuple[HourCoverage, ...]:
    """The hours with what was sent in them; ``None`` stays where the counter was not there."""
    sent = _increases(series)
    return tuple(replace(hour, notified=sent.get(hour.start)) for hour in coverage)


def _increases(series: Iterable[RawSeries]) -> Mapping[int, int]:
    """By hour, what counters have counted up in it; one that is lower than before has begun again at 0."""
    found: dict[int, float] = defaultdict(float)
    for each in series:
        for (_, before), (at, now) in pairwise(zip(each.times, each.values, strict=True)):
            # A sample at the full hour says what came before it.
            found[(at - 1) // HOUR * HOUR] += now - before if now >= before else now
    return {hour: round(count) for hour, count in found.items()}


def sent_beside(pages: Iterable[Page], coverage: Sequence[HourCoverage]) -> Sent | None:
    """What was sent in the hours of which that is known, beside the pages; ``None`` if it is known of no hour."""
    known = {hour.start: hour.notified for hour in coverage if hour.notified is not None}
    if not known:
        return None
    there = sum(page.at // HOUR * HOUR in known for page in pages)
    return Sent(sum(known.values()), there, len(known))
