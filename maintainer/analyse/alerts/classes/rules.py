"""Classes of a rule: many identities that fire at once, and episodes that are as long as the rule's own range."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import timedelta

import promql_parser as parser

from maintainer.analyse.alerts.classes.facts import Classified, Seen
from maintainer.analyse.alerts.replay_types import up_to_interval
from maintainer.analyse.promql.lexical import parseable
from maintainer.analyse.promql.size import too_large
from maintainer.analyse.promql.tree_nodes import nodes
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import AlertRule, Episode

_MILLISECOND = timedelta(milliseconds=1)


def storms(
    rule: AlertRule, episodes: Sequence[Episode], _seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Times at which many identities of a rule fired at once: one cause, and a page for each."""
    fired = sorted(
        (episode.fired_at, number) for number, episode in enumerate(episodes) if episode.fired_at is not None
    )
    begin = 0
    while begin < len(fired):
        end = bisect_left(fired, (fired[begin][0] + thresholds.storm_within, 0))
        of_time = [episodes[number] for _, number in fired[begin:end]]
        identities = len({episode.labels for episode in of_time})
        if identities >= thresholds.storm_count:
            numbers = {"identities": identities, "at": fired[begin][0]}
            yield Classified("storm", rule.version, rule.name, tuple(of_time), numbers)
            begin = end
        else:
            begin += 1


def window_tails(
    rule: AlertRule, episodes: Sequence[Episode], _seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Rules whose episodes are as long as a range in their expression: only the range has made them so long."""
    kept = up_to_interval(rule.keep, rule.interval)
    known = [
        (episode, episode.resolved_at - episode.active_at - (0 if episode.fired_at is None else kept))
        for episode in episodes
        if episode.resolved_at is not None and not episode.cut_start and not episode.restarts
    ]
    for window in sorted(ranges(rule.expr)):
        tails = tuple(episode for episode, lasted in known if abs(lasted - window) <= rule.interval)
        if len(tails) >= max(thresholds.window_tail_count, thresholds.window_tail * len(known)):
            numbers = {"episodes": len(tails), "of": len(known), "window": window}
            yield Classified("window-tail", rule.version, rule.name, tails, numbers)


def ranges(expr: str) -> frozenset[int]:
    """The ranges in an expression in milliseconds, also those of subqueries; none if the parser refuses it."""
    text = parseable(expr)
    if too_large(text):
        return frozenset()
    try:
        tree = parser.parse(text)
    except ValueError:
        return frozenset()
    return frozenset(
        node.range // _MILLISECOND for node in nodes(tree) if type(node) in {parser.MatrixSelector, parser.SubqueryExpr}
    )
