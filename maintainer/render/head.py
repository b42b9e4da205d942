"""The head of a report: its title, what it is about, its main figures, and what the run cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from maintainer.model.message import Message, message
from maintainer.render.document import Document, Say
from maintainer.render.trends import Trend, trend

# By job: the figures in the head of a report, at most five, each with the figure that it is a part of, "" for none.
# Figures that the report lacks are left out.
HEAD: Mapping[str, Mapping[str, str]] = {
    "monthly": {
        "rollouts.listed": "",
        "rollouts.agreeing": "rollouts.compared",
        "panels.faultless": "panels.asked",
        "alerts.able": "alerts.asked",
        "targets.emitting": "",
    },
    "sample": {},
    "quarterly": {
        "pages.night-futile": "pages.night",
        "episodes.real": "episodes.fired",
        "incidents.caught": "incidents.all",
        "incidents.prevented": "",
        "days.covered": "days.all",
    },
    "semiannual": {
        "kept.days": "retention.days",
        "storage.gib": "volume.gib",
        "storage.samples-per-second": "",
        "storage.bytes-per-sample": "",
        "storage.series": "",
    },
    "reconcile": {"objects.as-deployed": "objects.compared", "objects.not-loaded": ""},
    "harvest": {"harvest.days": "", "harvest.lost": "", "harvest.rules": "", "harvest.episodes": ""},
}

# The figures of a run's cost, each with the divisor that gives its unit: bytes are shown in MiB.
COST: Mapping[str, int] = {
    "prometheus.requests": 1,
    "prometheus.samples": 1,
    "prometheus.bytes": 2**20,
    "kubernetes.requests": 1,
    "seconds": 1,
}

# The first and last month of a period, by the part of its label behind the year.
MONTHS: Mapping[str, tuple[int, int]] = {
    **{f"{month:02}": (month, month) for month in range(1, 13)},
    **{f"Q{quarter}": (3 * quarter - 2, 3 * quarter) for quarter in range(1, 5)},
    **{f"H{half}": (6 * half - 5, 6 * half) for half in (1, 2)},
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the head, ``None`` if it is not known.

    ``whole`` is the number that it is a part of, ``of`` the same in words with its unit, such as ``of 8 panels``.
    """

    label: str
    value: float | None
    whole: float | None = None
    of: str = ""
    trend: Trend | None = None


def title(document: Document) -> Message:
    """The title of a report, with its period in words."""
    return message(f"report/title.{document['job']}", period=period_in_words(document["period"]["label"]))


def period_in_words(label: str) -> Message:
    """A month, a quarter, half a year, a day or days by its label, such as ``2026-Q3``; any other label as it is."""
    begin, _, end = label.partition("--")
    if end:
        return message("report/period.days", first=period_in_words(begin), last=period_in_words(end))
    year, _, rest = label.partition("-")
    months, _, day = rest.partition("-")
    if months not in MONTHS:
        return message("report/period.other", label=label)
    first, last = (message(f"report/month.{month:02}") for month in MONTHS[months])
    if day:
        return message("report/period.day", year=year, month=first, day=day.removeprefix("0"))
    if first == last:
        return message("report/period.month", year=year, month=first)
    return message("report/period.months", year=year, first=first, last=last)


def facts(document: Document, in_words: Say) -> tuple[tuple[str, str], ...]:
    """Pairs of label and value."""
    period, generated = document["period"], document["generatedAt"]
    first = date.fromisoformat(period["start"][:10])
    last = max(first, date.fromisoformat(period["end"][:10]) - timedelta(days=1))
    dates = message("report/period.dates", label=period["label"], first=str(first), last=str(last))
    if period["label"] == f"{first}--{last}":
        dates = message("report/period.days", first=str(first), last=str(last))
    if period["label"] == str(first):
        dates = message("report/period.other", label=period["label"])
    values = {
        "cluster": document["cluster"] or in_words(message("report/unknown")),
        "period": in_words(dates),
        "zone": f"{period['timeZone']} ({generated[19:]})",
        "generated": generated[:19].replace("T", " "),
        "compared": (document["comparedWith"] or "")[:10],
        "version": f"maintainer {document['version']}",
    }
    return tuple((in_words(message(f"report/fact.{fact}")), value) for fact, value in values.items() if value)


def figures(document: Document, in_words: Say) -> tuple[Figure, ...]:
    """The figures of the job."""
    known = document["figures"]
    return tuple(
        Figure(
            in_words(message(f"report/figure.{figure}")),
            known.get(figure),
            known.get(whole),
            in_words(_of(whole, known[whole])) if whole in known else "",
            trend(figure, whole, document, in_words),
        )
        for figure, whole in HEAD[document["job"]].items()
        if figure in known or not document["notChosen"]
    )


def _of(whole: str, count: float) -> Message:
    return message(f"report/figure.of.{whole.partition('.')[0]}", count=count)


def cost(document: Document, in_words: Say) -> tuple[str, ...]:
    """What the run cost, in short phrases."""
    figures = document["figures"]
    return tuple(
        in_words(message(f"report/cost.{figure}", count=round(figures[figure] / unit, 1)))
        for figure, unit in COST.items()
        if figure in figures
    )
