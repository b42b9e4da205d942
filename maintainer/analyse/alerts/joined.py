"""Whole episodes from the parts that several reads showed, such as those of each day with the last hour before it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from maintainer.analyse.alerts.episodes import in_order
from maintainer.analyse.alerts.runs import united
from maintainer.model.alerts import AlertRule, EndKind, Episode, ReadEpisodes

_SURER: Mapping[EndKind, int] = {"resolved": 0, "gap": 1, "open": 2}


class _Piece(NamedTuple):
    episode: Episode
    read: ReadEpisodes

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Whose piece comes first knows best how the episode began, and under which version of its rule."""
        return self.episode.runs[0].first, self.read.start, self.read.end, self.episode.rule


def joined(reads: Iterable[ReadEpisodes], rules: Mapping[str, AlertRule]) -> ReadEpisodes:
    """The episodes of all reads, each once; in which order the reads are given, and whether twice, does not matter.

    Pieces with a common ActiveAt are one episode; it has the rule's version under which it began. One that was still
    there at the end of a read, and of which later reads know nothing, ended in a gap.
    """
    given = tuple(reads)
    start, end = min((read.start for read in given), default=0), max((read.end for read in given), default=0)
    pieces: dict[Hashable, list[_Piece]] = {}
    for read in given:
        for episode in read.episodes:
            pieces.setdefault((episode.alert, episode.labels), []).append(_Piece(episode, read))
    whole = [_whole(group, end, rules) for alike in pieces.values() for group in _connected(alike)]
    return ReadEpisodes(start, end, in_order(whole))


def _connected(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces of each episode: those with a value of ActiveAt in common, directly or through others."""
    groups: dict[int, list[_Piece]] = {}
    for piece in pieces:
        group = [piece]
        values = (piece.episode.active_at, *piece.episode.restarts)
        others = {id(groups[value]): groups[value] for value in values if value in groups}
        for other in others.values():
            group += other
        for member in group:
            groups.update(dict.fromkeys((member.episode.active_at, *member.episode.restarts), group))
    yield from {id(group): group for group in groups.values()}.values()


def _whole(pieces: list[_Piece], end: int, rules: Mapping[str, AlertRule]) -> Episode:
    begun = min(pieces, key=lambda piece: piece.order).episode
    first, last = begun.runs[0].first, max(piece.episode.last for piece in pieces)
    kind, resolved_at = min(
        (_ended(piece, end) for piece in pieces if piece.episode.last == last),
        key=lambda ended: (_SURER[ended[0]], ended[1] or 0),
    )
    active, *restarts = sorted({at for piece in pieces for at in (piece.episode.active_at, *piece.episode.restarts)})
    rule = rules.get(begun.rule)
    return Episode(
        begun.rule,
        begun.alert,
        begun.labels,
        active,
        min((piece.episode.fired_at for piece in pieces if piece.episode.fired_at is not None), default=None),
        last,
        resolved_at,
        kind,
        cut_start=all(piece.episode.cut_start for piece in pieces if piece.episode.runs[0].first == first),
        restarts=tuple(restarts),
        runs=united((run for piece in pieces for run in piece.episode.runs), rule.interval if rule else 0),
    )


def _ended(piece: _Piece, end: int) -> tuple[EndKind, int | None]:
    episode = piece.episode
    return ("gap" if episode.end == "open" and piece.read.end < end else episode.end), episode.resolved_at
