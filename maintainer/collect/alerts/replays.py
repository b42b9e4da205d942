"""Asks what the expressions of rules were, at the times at which the rules were evaluated."""

from maintainer.collect.alerts.reading import Reader
from maintainer.model.harvest import Replayed, ReplayQuery


def read_replay(reader: Reader, query: ReplayQuery, *, start: int, end: int) -> Replayed:
    """What the query of a rule returned at each of its evaluations within ``[start, end)``.

    Raises :class:`SourceUnavailable`.
    """
    interval = query.rule.interval
    first = start + (query.phase - start) % interval
    return Replayed(query.rule, first, end, reader.grid(query.promql, first, end, step=interval, samples=0))
