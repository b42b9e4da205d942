"""The figures of a quarter; docs/numbers.md says of each what it is, and how to compute it again."""

from collections import Counter
from collections.abc import Mapping
from typing import get_args

from maintainer.analyse.alerts.hours import KINDS, HourKind
from maintainer.analyse.alerts.numbers import FUTILE
from maintainer.analyse.alerts.pages import Page
from maintainer.analyse.alerts.review import Review
from maintainer.model.alerts import DAY, MINUTE
from maintainer.model.incidents import Verdict


def quarterly_figures(review: Review) -> Mapping[str, int | float]:
    """All figures by name."""
    history, fired = review.history, review.fired
    verdicts = Counter(one.verdict for one in fired)
    pages, futile = pages_by_hour(review), pages_by_hour(review, futile=True)
    silent = Counter(rule.silence for rule in review.silent)
    return {
        "days.all": round((history.end - history.start) / DAY, 2),
        "days.covered": round(sum(minutes_seen(review).values()) * MINUTE / DAY, 2),
        "rules.versions": len(history.rules),
        "rules.dead": silent["dead"],
        "rules.unreachable": silent["unreachable"],
        "rules.unknown": silent["unknown"],
        "episodes.fired": len(fired),
        "episodes.pending": len(review.judged) - len(fired),
        **{f"episodes.{verdict}": verdicts[verdict] for verdict in get_args(Verdict)},
        "pages.all": sum(pages.values()),
        "pages.futile": sum(futile.values()),
        "pages.night": pages["night"],
        "pages.night-futile": futile["night"],
        "incidents.all": len(review.incidents),
        "incidents.caught": len(review.incidents) - len(review.told.missed),
        "incidents.prevented": sum(trouble.kind == "prevented" for trouble in review.troubles),
        "incidents.unpaged": len(review.missed),
    }


def pages_by_hour(review: Review, *, futile: bool = False) -> Mapping[HourKind, int]:
    """The pages by kind of hour; ``futile``: only those in which no episode was real or may have been."""
    kinds = (review.judging.hours.kind(page.at) for page in review.pages.pages if not futile or is_futile(page, review))
    return Counter(dict.fromkeys(KINDS, 0) | Counter(kinds))


def minutes_seen(review: Review) -> Mapping[HourKind, int]:
    """The minutes of each kind in the hours of which most evaluations were seen."""
    counts: Counter[HourKind] = Counter(dict.fromkeys(KINDS, 0))
    for run in review.seen:
        counts.update(review.judging.hours.minutes(run.first, run.last + 1))
    return counts


def is_futile(page: Page, review: Review) -> bool:
    """Whether nobody had to be told of any of its episodes. A page without a known episode may have been real."""
    return bool(page.episodes) and all(review.verdict(episode) in FUTILE for episode in page.episodes)
