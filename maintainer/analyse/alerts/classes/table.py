"""All classes that the episodes of a rule version can be of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from maintainer.analyse.alerts.classes.facts import Classified, EpisodeClass, Seen
from maintainer.analyse.alerts.classes.identities import chronic, flapping, repeating
from maintainer.analyse.alerts.classes.rules import storms, window_tails
from maintainer.analyse.alerts.classes.single import near_misses, restart_artefacts, transients
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import AlertRule, Episode

CLASSES: Mapping[
    EpisodeClass, Callable[[AlertRule, Sequence[Episode], Seen, AlertThresholds], Iterator[Classified]]
] = {
    "near-miss": near_misses,
    "transient": transients,
    "flapping": flapping,
    "repeating": repeating,
    "storm": storms,
    "chronic": chronic,
    "window-tail": window_tails,
    "restart-artefact": restart_artefacts,
}


def classified(
    rules: Mapping[str, AlertRule], episodes: Iterable[Episode], seen: Seen, thresholds: AlertThresholds
) -> tuple[Classified, ...]:
    """The classes of all rule versions; an episode can be of several."""
    by_rule: dict[str, list[Episode]] = {}
    for episode in episodes:
        by_rule.setdefault(episode.rule, []).append(episode)
    return tuple(
        found
        for version, of_rule in sorted(by_rule.items())
        if version in rules
        for of_class in CLASSES.values()
        for found in of_class(rules[version], of_rule, seen, thresholds)
    )
