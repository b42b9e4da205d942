"""Episodes and left sides as the archive keeps them: tables of texts, label sets and times, and places in these."""

from collections.abc import Sequence
from typing import get_args

import msgspec

from maintainer.model.alerts import EndKind, Episode, LeftSide, Run
from maintainer.model.facts import Labels
from maintainer.model.packed_times import PackedTimes, UnpackedTimes, item
from maintainer.model.report import Json

_ENDS: tuple[EndKind, ...] = get_args(EndKind)
_NONE = -1


class _EpisodeData(msgspec.Struct, array_like=True):
    """Times are places; -1 is none. ``cut`` is 1 for a start that is cut."""

    rule: int
    alert: int
    labels: int
    active_at: int
    fired_at: int
    last: int
    resolved_at: int
    end: int
    cut: int
    restarts: list[int]
    runs: list[tuple[int, int]]


class _Episodes(msgspec.Struct):
    times: list[int]
    texts: list[str]
    labels: list[Labels]
    rows: list[_EpisodeData]


class _LeftSideData(msgspec.Struct, array_like=True):
    """``runs`` are the place of the first time, how many times a run goes on, and the value."""

    rule: int
    labels: int
    interval: int
    operator: str
    low: float
    high: float
    runs: list[tuple[int, int, float]]
    maxima: list[tuple[int, float]]


class _LeftSides(msgspec.Struct):
    times: list[int]
    texts: list[str]
    labels: list[Labels]
    rows: list[_LeftSideData]


def episodes_data(episodes: Sequence[Episode]) -> Json:
    """The episodes as JSON; their order is not kept."""
    times = PackedTimes(time for episode in episodes for time in _times(episode))
    texts = sorted({text for episode in episodes for text in (episode.rule, episode.alert)})
    sets = sorted({episode.labels for episode in episodes})
    text = {each: place for place, each in enumerate(texts)}
    labels = {each: place for place, each in enumerate(sets)}
    rows = [
        _EpisodeData(
            text[episode.rule],
            text[episode.alert],
            labels[episode.labels],
            times.place(episode.active_at),
            _NONE if episode.fired_at is None else times.place(episode.fired_at),
            times.place(episode.last),
            _NONE if episode.resolved_at is None else times.place(episode.resolved_at),
            _ENDS.index(episode.end),
            int(episode.cut_start),
            [times.place(restart) for restart in episode.restarts],
            [times.run(run.first, run.last) for run in episode.runs],
        )
        for episode in sorted(episodes, key=lambda each: (each.rule, each.labels, each.active_at))
    ]
    data: Json = msgspec.to_builtins(_Episodes(times.differences, texts, sets, rows))
    return data


def episodes_of(data: Json) -> tuple[Episode, ...]:
    """The episodes in JSON. Raises ``ValueError`` or ``LookupError`` for what :func:`episodes_data` does not make."""
    held = msgspec.convert(data, _Episodes)
    times = UnpackedTimes(held.times)
    return tuple(
        Episode(
            rule=item(held.texts, row.rule),
            alert=item(held.texts, row.alert),
            labels=item(held.labels, row.labels),
            active_at=times.at(row.active_at),
            fired_at=None if row.fired_at == _NONE else times.at(row.fired_at),
            last=times.at(row.last),
            resolved_at=None if row.resolved_at == _NONE else times.at(row.resolved_at),
            end=item(_ENDS, row.end),
            cut_start=bool(row.cut),
            restarts=tuple(map(times.at, row.restarts)),
            runs=tuple(Run(*times.run(first, length)) for first, length in row.runs),
        )
        for row in held.rows
    )


def left_sides_data(sides: Sequence[LeftSide]) -> Json:
    """The left sides as JSON; their order is not kept."""
    times = PackedTimes(time for side in sides for first, last, _ in side.values for time in (first, last))
    texts = sorted({side.rule for side in sides})
    sets = sorted({side.labels for side in sides})
    text = {each: place for place, each in enumerate(texts)}
    labels = {each: place for place, each in enumerate(sets)}
    rows = [
        _LeftSideData(
            text[side.rule],
            labels[side.labels],
            side.interval,
            side.operator,
            side.low,
            side.high,
            [(*times.run(first, last), value) for first, last, value in side.values],
            list(side.maxima),
        )
        for side in sorted(sides, key=lambda each: (each.rule, each.labels))
    ]
    data: Json = msgspec.to_builtins(_LeftSides(times.differences, texts, sets, rows))
    return data


def left_sides_of(data: Json) -> tuple[LeftSide, ...]:
    """The left sides in JSON. Raises as :func:`episodes_of`."""
    held = msgspec.convert(data, _LeftSides)
    times = UnpackedTimes(held.times)
    return tuple(
        LeftSide(
            rule=item(held.texts, row.rule),
            labels=item(held.labels, row.labels),
            interval=row.interval,
            operator=row.operator,
            low=row.low,
            high=row.high,
            values=tuple((*times.run(first, length), value) for first, length, value in row.runs),
            maxima=tuple(row.maxima),
        )
        for row in held.rows
    )


def _times(episode: Episode) -> list[int]:
    ends = [time for run in episode.runs for time in (run.first, run.last)]
    known = [time for time in (episode.fired_at, episode.resolved_at) if time is not None]
    return [episode.active_at, episode.last, *known, *episode.restarts, *ends]
