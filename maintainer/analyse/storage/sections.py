"""The pictures and tables of a report about storage, and its figures."""

from collections.abc import Iterable, Iterator, Mapping

from maintainer.analyse.storage.deployed import deployed_limits, lines_to_set
from maintainer.analyse.storage.horizon import horizon_table
from maintainer.analyse.storage.limits import live, started_with
from maintainer.analyse.storage.options import Option, monthly_cost
from maintainer.analyse.storage.review import StorageReview
from maintainer.analyse.storage.words import in_days, in_gib, option_name, said
from maintainer.model.message import Message, message
from maintainer.model.sections import Bar, Bars, Cell, Chip, Diff, Section, Table, Text, Tone
from maintainer.model.storage import Retention

COLUMNS = ("option", "keeps", "limit", "stored", "spare", "volume", "fits", "cost")


def storage_figures(review: StorageReview) -> Mapping[str, float]:
    """What is kept, and what it takes; what is not known is left out."""
    usage, limits, volume = review.usage, review.in_force, review.facts.volume
    figures: dict[str, float | None] = {
        "kept.days": in_days(review.window) if review.window is not None else None,
        "retention.days": in_days(limits.time) if limits and limits.time else None,
        "storage.gib": in_gib(review.used) if review.used is not None else None,
        "volume.gib": in_gib(volume.size) if volume else None,
        "storage.samples-per-second": round(usage.ingest, 1) if usage else None,
        "storage.bytes-per-sample": round(usage.sample, 2) if usage else None,
        "storage.series": review.facts.metrics.series if review.facts.metrics else None,
    }
    return {name: value for name, value in figures.items() if value is not None}


def limits_table(review: StorageReview) -> Iterator[Table]:
    """What each place says that Prometheus keeps, from what was deployed to the oldest sample."""
    facts, rows = review.facts, list[tuple[Cell, ...]]()
    for deployed in deployed_limits(facts):
        rows.append((message("retention/table.deployed", object=str(deployed.id.subject)), said(deployed.limits)))
    if facts.server:
        rows.append((message("retention/table.started"), said(started_with(facts))))
    if facts.file:
        of_file = Retention(facts.file.time or None, facts.file.size or None)
        rows.append((message("retention/table.file"), _of_file(of_file, facts.file.percentage)))
    rows.append((message("retention/table.in-force"), said(live(facts))))
    kept: Cell = message("retention/unknown")
    if facts.metrics:
        kept = message("retention/table.nothing")
    if review.window is not None:
        kept = message("retention/table.days", days=in_days(review.window))
    rows.append((message("retention/table.kept"), kept))
    columns = (message("retention/table.column.place"), message("retention/table.column.limits"))
    yield Table(message("retention/table.title"), columns, tuple(rows), lead=message("retention/table.lead"))


def _of_file(limits: Retention, percentage: float | None) -> Cell:
    return message("retention/table.percentage", percentage=percentage) if percentage else said(limits)


def space_bars(review: StorageReview) -> Iterator[Bars]:
    """What the volume is filled with now."""
    metrics, volume, used = review.facts.metrics, review.facts.volume, review.used
    if not metrics or metrics.blocks is None:
        return
    bars = [Bar(message("storage/space.blocks"), in_gib(metrics.blocks))]
    bars += [Bar(message("storage/space.log"), in_gib(metrics.wal))] if metrics.wal is not None else []
    bars += [Bar(message("storage/space.head"), in_gib(metrics.head_chunks))] if metrics.head_chunks is not None else []
    legend = list[Chip]()
    if volume and used is not None:
        free = max(0.0, volume.room - used)
        scarce = free <= 0.1 * volume.room
        bars.append(Bar(message("storage/space.free"), in_gib(free), "error" if scarce else "ok"))
        legend = [Chip(message("storage/space.used"))]
        legend.append(Chip(message("storage/space.scarce" if scarce else "storage/space.enough"), bars[-1].tone))
    yield Bars(message("storage/space.title"), message("storage/space.unit"), tuple(bars), tuple(legend))


def option_sections(review: StorageReview) -> Iterator[Section]:
    """The options as bars and as a table, and the lines that choose each."""
    options = review.options
    if not options:
        yield Text(message("storage/option.title"), (message("storage/option.unknown"),))
        return
    bars = tuple(Bar(option_name(choice, options), in_gib(choice.volume), _tone(choice, review)) for choice in options)
    yield Bars(message("storage/option.bars"), message("storage/space.unit"), bars, _legend(bars, review))
    yield _table(options, review)
    yield from horizon_table(review)
    yield Text(
        message("storage/long-term.title"), (message("storage/long-term.stores"), message("storage/long-term.pays"))
    )
    present, *others = options
    size = review.facts.volume.size if review.facts.volume else None
    before = lines_to_set(review.facts, present.limits, size)
    for choice in others:
        after = lines_to_set(review.facts, choice.limits, choice.volume)
        yield Diff(message("storage/option.lines", option=said(choice.limits)), before, after)


def _table(options: tuple[Option, ...], review: StorageReview) -> Table:
    columns = tuple(message(f"storage/option.column.{column}") for column in COLUMNS)
    return Table(
        title=message("storage/option.title"),
        columns=columns if review.plans.price else columns[:-1],
        rows=tuple(_row(choice, review) for choice in options),
        numeric=(1, 3, 4, 5, 7) if review.plans.price else (1, 3, 4, 5),
        lead=computed_from(review),
    )


def _row(choice: Option, review: StorageReview) -> tuple[Cell, ...]:
    cells: tuple[Cell, ...] = (
        option_name(choice, review.options),
        in_days(choice.window),
        message(f"storage/option.bites.{choice.bites}"),
        in_gib(choice.stored),
        in_gib(choice.spare),
        in_gib(choice.volume),
        _fits(choice, review),
    )
    return (*cells, round(monthly_cost(choice.volume, review.plans.price), 2)) if review.plans.price else cells


def computed_from(review: StorageReview) -> Message:
    """From which numbers the options are computed, and which of them are estimates."""
    usage, basis = review.usage, review.basis
    if usage is None or basis is None:
        return message("storage/option.unknown")
    return message(
        "storage/option.lead",
        ingest=round(usage.ingest, 1),
        sample=round(usage.sample, 2),
        basis=message(f"storage/option.basis.{basis}"),
        log=message("storage/option.log.measured" if review.head is not None else "storage/option.log.estimated"),
    )


def _fits(choice: Option, review: StorageReview) -> Cell:
    volume = review.facts.volume
    if volume is None:
        return Chip(message("storage/option.fits.unknown"))
    if choice.fits(volume.size):
        return Chip(message("storage/option.fits.yes"), "ok")
    if volume.expandable is None:
        return Chip(message("storage/option.fits.no"), "error")
    return Chip(message("storage/option.fits.growable" if volume.expandable else "storage/option.fits.fixed"), "error")


def _legend(bars: Iterable[Bar], review: StorageReview) -> tuple[Chip, ...]:
    """What the colours of the options say of the present volume."""
    volume = review.facts.volume
    if volume is None:
        return ()
    size, used = in_gib(volume.size), {bar.tone for bar in bars}
    means: Mapping[Tone, str] = {"ok": "storage/option.holds", "error": "storage/option.exceeds"}
    return tuple(Chip(message(text, size=size), tone) for tone, text in means.items() if tone in used)


def _tone(choice: Option, review: StorageReview) -> Tone:
    volume = review.facts.volume
    if volume is None:
        return "neutral"
    return "ok" if choice.fits(volume.size) else "error"
