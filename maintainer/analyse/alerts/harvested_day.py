"""What is kept of a day, from the samples that were read of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maintainer.analyse.alerts.day_outcomes import day_outcomes, spacing
from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.analyse.alerts.evaluations import heartbeats, hour_coverage
from maintainer.analyse.alerts.heartbeats import learned_phase
from maintainer.analyse.alerts.impact import impact_of
from maintainer.analyse.alerts.notifications import with_notifications
from maintainer.model.alert_archive import HarvestedDay
from maintainer.model.alerts import MINUTE, AlertRule, Episode, Heartbeat, Impact, RawSeries
from maintainer.model.harvest import IMPACT, MOST_IMPACT, DaySamples
from maintainer.model.message import Message, message

NEEDED: Mapping[str, tuple[str, ...]] = {
    "episodes": ("alerts",),
    "outcomes": ("phases", "replicas", "events"),
    "coverage": ("heartbeat", "starts"),
    IMPACT: (IMPACT,),
}
"""By what is kept, what must have been read for it."""

MOST_HARMED = 2_000
"""So many times a day at which users were harmed are kept: more are those of single pods or requests."""

DOWNSAMPLED = 5 * MINUTE
"""Long-term stores keep one sample of so many milliseconds, and later of an hour."""


def harvested_day(read: DaySamples, rules: Sequence[AlertRule], *, same_server: bool) -> HarvestedDay:
    """The day without replays and silences. What could not be read is empty, and says why.

    ``same_server``: the server that was read evaluates the rules itself.
    """
    day = read.day
    unread = _unread(read, rules)
    beats = heartbeats(read, rules, same_server=same_server)
    placed = tuple(_with_phase(rule, read.series.get("alerts", ())) for rule in rules)
    impact = _impact(read)
    if isinstance(impact, Message):
        unread, impact = {**unread, IMPACT: impact}, None
    found = HarvestedDay(day.start, day.end, rules=placed, impact=impact, unread=unread)
    if "episodes" not in unread:
        found = replace(found, episodes=tuple(_episodes(read, placed, beats)))
    if "outcomes" not in unread:
        found = replace(found, outcomes=day_outcomes(read))
    if "coverage" not in unread:
        coverage = hour_coverage(beats, day.begin, day.end)
        coverage = with_notifications(coverage, read.series.get("notified", ()))
        if rules and not beats:
            return replace(found, unread={**unread, "coverage": message("harvest/no-heartbeat")})
        found = replace(found, coverage=coverage)
    return found


def _unread(read: DaySamples, rules: Iterable[AlertRule]) -> Mapping[str, Message]:
    unread = {
        kind: read.unread[name].reason
        for kind, names in NEEDED.items()
        for name in reversed(names)
        if name in read.unread
    }
    if read.day.grids.get(IMPACT) == 0:
        unread[IMPACT] = message("harvest/impact-too-much", samples=MOST_IMPACT)
    if _downsampled(read, rules):
        every = message("harvest/downsampled", minutes=DOWNSAMPLED // MINUTE)
        return dict.fromkeys(("episodes", "outcomes", "coverage", "agreement", "left_sides"), every) | unread
    return unread


def _impact(read: DaySamples) -> Impact | Message | None:
    """What is known of the users, or why it is not kept; ``None`` if nobody asked for it, or it could not be read."""
    if IMPACT not in read.series:
        return None
    found = impact_of(read.series[IMPACT])
    many = len(found.runs)
    return message("harvest/impact-many", count=many) if many > MOST_HARMED else found


def _downsampled(read: DaySamples, rules: Iterable[AlertRule]) -> bool:
    """Whether the samples are further apart than the rules were evaluated: their times are then not the real ones."""
    interval = max((rule.interval for rule in rules), default=DOWNSAMPLED)
    for name in ("alerts", "heartbeat"):
        series = [each for each in read.series.get(name, ()) if len(each.times) >= 3]
        if series:
            return interval < DOWNSAMPLED <= spacing(series)
    return False


def _with_phase(rule: AlertRule, alerts: Iterable[RawSeries]) -> AlertRule:
    """The rule with its group's place in the interval, if its samples show it."""
    times = [at for series in alerts if ("alertname", rule.name) in series.labels for at in series.times]
    return replace(rule, phase=learned_phase(times, rule.interval)) if rule.interval else rule


def _episodes(read: DaySamples, rules: Sequence[AlertRule], beats: Mapping[str, Heartbeat]) -> Iterable[Episode]:
    """The episodes of each rule. Of rules with the same name, each has the series with its own labels."""
    day, claimed = read.day, _by_rule(read.series.get("alerts", ()), rules)
    for rule, (alerts, states) in zip(rules, claimed, strict=True):
        samples = ReadSamples(day.begin, day.end, alerts, states)
        yield from episodes(rule, samples, beats.get(rule.group, Heartbeat())).episodes


Claimed = tuple[list[RawSeries], list[RawSeries]]


def _by_rule(series: Iterable[RawSeries], rules: Sequence[AlertRule]) -> list[Claimed]:
    """By rule, its series of ALERTS and those of ALERTS_FOR_STATE."""
    claimed: list[Claimed] = [([], []) for _ in rules]
    for each in series:
        own = dict(each.labels)
        place = _rule_of(own, rules)
        if place is not None:
            claimed[place][own.get("__name__") == "ALERTS_FOR_STATE"].append(each)
    return claimed


def _rule_of(own: Mapping[str, str], rules: Sequence[AlertRule]) -> int | None:
    """The place of the rule with the series' name of which most labels are the series' own, if it has no other one.

    A label with a template says nothing.
    """
    best: tuple[int, int] | None = None
    for place, rule in enumerate(rules):
        plain = [(name, value) for name, value in rule.labels if "{{" not in value]
        if rule.name == own.get("alertname") and all(own.get(name) == value for name, value in plain):
            best = max(best or (-1, 0), (len(plain), -place))
    if best is not None:
        return -best[1]
    # A rule whose labels were changed on this day: its older series have the labels of before.
    return next((place for place, rule in enumerate(rules) if rule.name == own.get("alertname")), None)
