"""When the expression of a rule was true, from the episodes in the archive: of any rule with the same expression."""

from collections.abc import Iterable

from maintainer.analyse.alerts.presences import recorded_presences
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.promql.canonical import same_promql
from maintainer.model.alerts import AlertHistory, AlertRule, Episode, Run


def archived_presence(rule: AlertRule, history: AlertHistory) -> tuple[tuple[Presence, ...], Run] | None:
    """When it was true, and the time that this is known of, in one piece; ``None`` if nothing is known.

    A rule with ``keep_firing_for`` hides when its expression was true, so its episodes do not count.
    """
    known = [one for one in history.rules.values() if _tells(one, rule)]
    times = sorted(history.loaded[one.version] for one in known if one.version in history.loaded)
    time = _last_piece([Run(max(time.first, history.start), min(time.last, history.end)) for time in times], history)
    if time is None:
        return None
    versions = {one.version for one in known}
    episodes = (episode for episode in history.episodes if episode.rule in versions)
    return recorded_presences(rule, _inside(episodes, time)), time


def _tells(one: AlertRule, rule: AlertRule) -> bool:
    """Whether the episodes of a rule tell when the expression of another was true, with the same labels."""
    same = (one.keep, one.interval, one.labels) == (0, rule.interval, rule.labels)
    return same and same_promql(one.expr, rule.expr)


def _last_piece(times: Iterable[Run], history: AlertHistory) -> Run | None:
    """The last of these times without a hole, and without a time that is missing in the history."""
    piece: Run | None = None
    for time in times:
        touches = piece is not None and time.first <= piece.last
        piece = Run(piece.first, max(piece.last, time.last)) if piece and touches else time
    for missing in history.missing:
        if piece and not missing.alert and missing.start < piece.last and missing.end > piece.first:
            piece = Run(missing.end, piece.last) if missing.end < piece.last else None
    return piece


def _inside(episodes: Iterable[Episode], time: Run) -> Iterable[Episode]:
    return (episode for episode in episodes if time.first <= episode.active_at <= time.last)
