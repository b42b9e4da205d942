"""The checks of the number of series: what nothing reads, and what comes and goes."""

from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.unread import READ_HERE, by_family, bytes_a_day, dropping, unread
from maintainer.analyse.storage.words import in_gib, in_mib
from maintainer.model.cardinality import ControllerSeries, HeadStatistics
from maintainer.model.contract import families
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Subject
from maintainer.model.sections import Bar, Bars, Cell, Chip, Section, Table

TOP, CHURN = "cardinality/top", "cardinality/churn"
_SHOWN, _DRAWN = 15, 8


@dataclass(frozen=True, slots=True)
class CardinalityReview:
    """The series of the controller and of the whole server; ``None`` where they could not be read.

    ``sample`` are the bytes that a sample takes on disk, ``kept`` the seconds for which it is kept; ``None`` if not
    known.
    """

    controller: ControllerSeries | None
    head: HeadStatistics | None
    access: Access
    sample: float | None = None
    kept: float | None = None
    unavailable: tuple[Unavailable, ...] = ()


def cardinality_top(review: CardinalityReview) -> Iterator[Finding]:
    """Families of the controller that no rule and no dashboard reads take a large part of its series."""
    controller = review.controller
    if controller is None or not (found := unread(controller)):
        return
    series, all_series = sum(each.series for each in found), sum(metric.now for metric in controller.metrics)
    names = [name for each in found for name in each.metrics]
    values = f"scrape:\n  argoRollouts:\n    drop: [{', '.join(names)}]"
    saved = _kept_bytes(series, review)
    yield Finding(
        check=TOP,
        severity="info",
        subjects=tuple(Subject("metric", "", each.family) for each in found),
        cause="unread",
        summary=message(
            "cardinality/top/unread.summary",
            families=", ".join(each.family for each in found),
            series=series,
            share=round(100 * series / all_series),
        ),
        action=message("cardinality/top/unread.action"),
        evidence={
            "series": series,
            **({"savedGiB": in_gib(saved)} if saved is not None else {}),
            "values": values,
            "relabelling": dropping(found),
        },
        reproduce=review.access.ask("query", query=f"count by (__name__) ({{{_job(controller)}}})"),
    )


def cardinality_churn(review: CardinalityReview) -> Iterator[Finding]:
    """Far more series of a metric came and went within a day than are there."""
    controller = review.controller
    for metric in controller.metrics if controller else ():
        if not metric.churns:
            continue
        label = metric.values[0] if metric.values else None
        yield Finding(
            check=CHURN,
            severity="warning",
            subjects=(Subject("metric", "", metric.name),),
            cause="churn",
            summary=message(
                "cardinality/churn/churn.summary",
                metric=metric.name,
                day=metric.day,
                now=metric.now,
                label=label.name if label else "-",
                values=label.count if label else 0,
            ),
            action=message("cardinality/churn/churn.action", metric=metric.name),
            evidence={
                "series": metric.now,
                "seriesADay": metric.day,
                "valuesADay": ", ".join(f"{each.name} ({each.count})" for each in metric.values),
            },
            reproduce=review.access.ask(
                "query", query=f"count(last_over_time({metric.name}[1d:1h])) / count({metric.name})"
            ),
        )


def cardinality_sections(review: CardinalityReview) -> Iterator[Section]:
    """The largest families of the controller with who reads them, and the largest metrics of the server."""
    if review.controller:
        yield from _bytes(review.controller, review)
        yield _families(review.controller, review)
    if review.head:
        yield Bars(
            message("cardinality/head.title", series=review.head.series),
            message("cardinality/head.unit"),
            tuple(Bar(message("cardinality/name", name=each.name), each.count) for each in review.head.metrics),
        )


def _bytes(controller: ControllerSeries, review: CardinalityReview) -> Iterator[Bars]:
    """The space of the largest families, and which of them nothing reads; nothing if the space is not known."""
    dropped = {each.family for each in unread(controller)}
    sizes = [(name, _kept_bytes(size, review)) for size, name in _sizes(controller)[:_DRAWN]]
    known = [(name, size) for name, size in sizes if size is not None]
    if not known:
        return
    found = any(name in dropped for name, _ in known)
    yield Bars(
        message("cardinality/bytes.title"),
        message("cardinality/bytes.unit"),
        tuple(
            Bar(message("cardinality/name", name=name), in_mib(size), "warning" if name in dropped else "neutral")
            for name, size in known
        ),
        (Chip(message("cardinality/bytes.read")), Chip(message("cardinality/bytes.unread"), "warning"))
        if found
        else (),
    )


def _sizes(controller: ControllerSeries) -> list[tuple[int, str]]:
    """The series and the name of each family of the contract, the largest first."""
    known = (
        (sum(metric.now for metric in metrics), name)
        for name, metrics in by_family(controller.metrics).items()
        if name in families()
    )
    return sorted(known, key=lambda pair: (-pair[0], pair[1]))


def _families(controller: ControllerSeries, review: CardinalityReview) -> Table:
    sizes = _sizes(controller)
    return Table(
        title=message("cardinality/families.title"),
        columns=tuple(message(f"cardinality/families.{column}") for column in ("family", "series", "bytes", "readers")),
        rows=tuple(_row(name, size, review) for size, name in sizes[:_SHOWN]),
        numeric=(1, 2),
        lead=message("cardinality/families.lead", count=len(sizes), shown=min(_SHOWN, len(sizes))),
    )


def _row(name: str, size: int, review: CardinalityReview) -> tuple[Cell, ...]:
    saved = _kept_bytes(size, review)
    bytes_: Cell = in_gib(saved) if saved is not None else message("cardinality/unknown")
    return name, size, bytes_, _readers(name, review)


def _readers(name: str, review: CardinalityReview) -> Message:
    controller = review.controller
    if controller is None or controller.readers is None:
        return message("cardinality/readers.unknown")
    names = dict.fromkeys(reader for metric in families()[name].series for reader in controller.readers.get(metric, ()))
    if names:
        return message("cardinality/readers.named", count=len(names), first=next(iter(names)))
    return message("cardinality/readers.here" if name in READ_HERE else "cardinality/readers.none")


def _kept_bytes(series: int, review: CardinalityReview) -> float | None:
    """The bytes of the samples of so many series, as long as they are kept."""
    if review.controller is None or review.sample is None or review.kept is None:
        return None
    return bytes_a_day(series, interval=review.controller.interval, sample=review.sample) * review.kept / 86400


def _job(controller: ControllerSeries) -> str:
    return ",".join(f'{name}="{value}"' for name, value in controller.target if name == "job")
