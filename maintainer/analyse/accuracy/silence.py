"""The stretches in which nothing of a controller was scraped: its target was down, or Prometheus was."""

from collections.abc import Iterator
from datetime import UTC, datetime

from maintainer.analyse.accuracy.samples import Stretch
from maintainer.model.facts import ScrapedTimes


def looked(scraped: ScrapedTimes) -> Stretch | None:
    """The time that was looked at. ``None`` if the query cannot have seen what it was asked for.

    So it is if what is scraped now is not found: the names of Rollouts are in a label that is not known.
    """
    if scraped.now and not scraped.times:
        return None
    return Stretch(_moment(scraped.start), _moment(scraped.end))


def silent_stretches(scraped: ScrapedTimes) -> Iterator[Stretch]:
    """The stretches without a scrape, each as long as is certain: at most a step shorter at either end."""
    began: int | None = None
    for at in range(scraped.start, scraped.end + 1, scraped.step):
        if at in scraped.times:
            if began is not None:
                yield Stretch(_moment(began), _moment(at - scraped.step))
            began = None
        elif began is None:
            began = at - scraped.width
    if began is not None:
        yield Stretch(_moment(began), _moment(scraped.end))


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
