"""Classes that an episode is of by itself: near misses, transients, and those that a start of Prometheus made."""

from collections.abc import Iterator, Sequence

from maintainer.analyse.alerts.classes.facts import Classified, Seen, firing
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import AlertRule, Episode


def near_misses(
    rule: AlertRule, episodes: Sequence[Episode], _seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Pending alerts that went away shortly before their ``for`` was over."""
    shares = [
        (episode, (episode.last - episode.active_at) / rule.hold)
        for episode in episodes
        if rule.hold and episode.fired_at is None and episode.end == "resolved" and not episode.cut_start
    ]
    near = [(episode, share) for episode, share in shares if share >= thresholds.near_miss]
    if near:
        yield _of(rule, tuple(episode for episode, _ in near), closest=max(share for _, share in near), of=len(shares))


def _of(rule: AlertRule, episodes: tuple[Episode, ...], **numbers: float) -> Classified:
    return Classified("near-miss", rule.version, rule.name, episodes, {"episodes": len(episodes), **numbers})


def transients(
    rule: AlertRule, episodes: Sequence[Episode], _seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Alerts that fired for so short a time that there was nothing left to do when somebody looked."""
    longest = max(thresholds.transient, rule.hold)
    times = [(episode, _fired_for(episode)) for episode in episodes]
    short = [(episode, time) for episode, time in times if time is not None and time <= longest]
    if short:
        numbers = {
            "episodes": len(short),
            "of": sum(episode.fired_at is not None for episode in episodes),
            "longest": max(time for _, time in short),
        }
        found = tuple(episode for episode, _ in short)
        yield Classified("transient", rule.version, rule.name, found, numbers)


def _fired_for(episode: Episode) -> int | None:
    """For how long an episode fired; ``None`` if that is not known, or was not its own doing."""
    if episode.fired_at is None or episode.resolved_at is None or episode.cut_start or episode.restarts:
        return None
    return episode.resolved_at - episode.fired_at


def restart_artefacts(
    rule: AlertRule, episodes: Sequence[Episode], seen: Seen, thresholds: AlertThresholds
) -> Iterator[Classified]:
    """Alerts that fired, and fired again because Prometheus was started and had lost since when they were there."""
    found: dict[Episode, None] = {}
    for start in seen.starts:
        before = {episode.labels for episode in episodes if _fired_before(start, episode, thresholds)}
        soon = start + max(rule.hold, 3 * rule.interval) + thresholds.restart_time
        found |= dict.fromkeys(
            episode
            for episode in episodes
            if episode.fired_at is not None
            and (
                (start < episode.active_at and episode.fired_at <= soon and episode.labels in before)
                or (episode.fired_at < start and any(start <= at <= soon for at in episode.restarts))
            )
        )
    if found:
        numbers = {"episodes": len(found), "starts": len(seen.starts)}
        yield Classified("restart-artefact", rule.version, rule.name, tuple(found), numbers)


def _fired_before(start: int, episode: Episode, thresholds: AlertThresholds) -> bool:
    """Whether an episode fired shortly before a start of Prometheus."""
    run = firing(episode)
    return run is not None and run.first < start and run.last >= start - thresholds.restart_before
