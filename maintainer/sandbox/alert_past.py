"""The samples and alerts that a Prometheus would have of a story."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from maintainer.model.alerts import HOUR, MINUTE, AlertRule, RawSeries, Run
from maintainer.model.contract import AVAILABLE, DESIRED, INFO
from maintainer.model.facts import Key, Labels, labels
from maintainer.sandbox.alert_machine import RuleWorld, Simulated
from maintainer.sandbox.past_samples import ENDED, PastSamples
from maintainer.sandbox.story import DESIRED_PODS, PROBE, UNAVAILABLE, Held, Story

SCRAPES = 2 * MINUTE
"""Between two scrapes."""
EVALUATED_AFTER = 17_000
"""How long after the full minute the rules are evaluated."""
TARGET = {"job": "argo-rollouts", "instance": "10.0.0.1:8090"}
ITSELF = {"job": "prometheus", "instance": "localhost:9090"}
AROUND = 5
"""Evaluations before and after a time in which an alert is there."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What makes the expression of an alert true: a series of the metric that has one of the values of each label.

    Its alerts have the labels ``kept``.
    """

    metric: str
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kept: Sequence[str] = ("namespace", "name")

    def shown_by(self, held: Held) -> bool:
        """Whether it is true while this series is held."""
        own = dict(held.labels)
        return held.metric == self.metric and all(own.get(name) in values for name, values in self.values.items())


READS: Mapping[str, Reads] = {
    "RolloutStuck": Reads(INFO, {"phase": ("Progressing",)}),
    "RolloutReplicaMismatch": Reads(AVAILABLE),
    "RolloutTimeout": Reads(INFO, {"phase": ("Timeout",)}),
    "RolloutPaused": Reads(INFO, {"phase": ("Paused",)}),
    "RolloutPodsUnready": Reads(UNAVAILABLE),
    "CheckoutAborted": Reads(INFO, {"phase": ("Abort",), "namespace": ("checkout",)}),
    "CheckoutNotDeployed": Reads(INFO, {"phase": ("Abort", "Error"), "namespace": ("checkout",)}),
    "CanaryProbeFailed": Reads(PROBE, kept=("namespace", "name", "pod")),
}
"""By the name of an alert; that of an alert without an entry was never true."""
READS_HEALTHY: Mapping[str, Reads] = {
    "RolloutFailed": Reads(INFO, {"phase": ("Timeout", "Error", "Abort", "InvalidSpec")}),
    "RolloutStuck": READS["RolloutStuck"],
    "RolloutReplicaMismatch": READS["RolloutReplicaMismatch"],
}


@dataclass(frozen=True, slots=True)
class WhileTrue:
    """The expression of a rule was true for these labels at the evaluations of the runs; ``value`` is its left side."""

    labels: Labels
    runs: tuple[Run, ...]
    value: float


@dataclass(frozen=True, slots=True)
class AlertPast:
    """The samples, and by the name of each alert when its expression was true."""

    samples: PastSamples
    true: Mapping[str, tuple[WhileTrue, ...]]

    def values(self, alert: str, start: int, end: int) -> tuple[RawSeries, ...]:
        """What a query of the left side of a rule has returned at its evaluations of ``[start, end)``."""
        found = (
            RawSeries(one.labels, times, [one.value] * len(times))
            for one in self.true.get(alert, ())
            if (times := [at for run in one.runs for at in _evaluations(run) if start <= at < end])
        )
        return tuple(found)


def alert_past(story: Story, rules: Iterable[AlertRule], reads: Mapping[str, Reads]) -> AlertPast:
    """What Prometheus has of a story, if it has loaded these rules."""
    time = Run(*(round(story.midnights[place].timestamp()) * 1000 for place in (0, -1)))
    up = _running(Run(time.first - 2 * HOUR, time.last), story.outages)
    samples = PastSamples()
    _scraped(samples, story, up)
    true: dict[str, tuple[WhileTrue, ...]] = {}
    for rule in rules:
        true[rule.name] = tuple(_while_true(story.held, reads[rule.name])) if rule.name in reads else ()
        for one in true[rule.name]:
            for run in one.runs:
                _recorded(samples, rule, one.labels, run, story.outages)
    return AlertPast(samples, true)


def add_evaluations(samples: PastSamples, group: str, story: Story) -> None:
    """Add what Prometheus says of itself: when it has evaluated a group of rules, and when it was started."""
    first, last = (round(story.midnights[place].timestamp()) * 1000 for place in (0, -1))
    for run in _running(Run(first - 2 * HOUR, last), story.outages):
        times = _scrapes(run, run)
        at = [(time - MINUTE + EVALUATED_AFTER) / 1000 for time in times]
        samples.add("prometheus_rule_group_last_evaluation_timestamp_seconds", times, at, rule_group=group, **ITSELF)
        samples.add("process_start_time_seconds", times, (run.first - MINUTE) / 1000, **ITSELF)


def _running(time: Run, outages: Sequence[Run]) -> tuple[Run, ...]:
    """The times in which Prometheus was running, from the first to before the last millisecond."""
    edges = [time.first, *(edge for outage in outages for edge in outage), time.last]
    return tuple(Run(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True))


def _scrapes(time: Run, up: Run) -> range:
    first = max(time.first, up.first)
    return range(first + -first % SCRAPES, min(time.last, up.last), SCRAPES)


def _scraped(samples: PastSamples, story: Story, up: Sequence[Run]) -> None:
    """Add what the controller and the probe have exposed."""
    unusual: dict[tuple[str, Labels], list[Held]] = defaultdict(list)
    for held in sorted(story.held, key=lambda one: one.start):
        unusual[held.metric, held.labels].append(held)
    for namespace, name in story.rollouts:
        own = labels({"namespace": namespace, "name": name})
        for metric, usual in ((DESIRED, DESIRED_PODS), (AVAILABLE, DESIRED_PODS), (UNAVAILABLE, 0)):
            _gauge(samples, metric, own, unusual.pop((metric, own), []), usual=usual, up=up)
    for (metric, own), of_series in unusual.items():
        for held in of_series:
            _while_held(samples, metric, own, held, up)
    counts: dict[tuple[Key, str], list[int]] = defaultdict(list)
    for event in sorted(story.events, key=lambda one: one.at):
        counts[event.rollout, event.reason].append(event.at)
    for (rollout, reason), times in sorted(counts.items()):
        _counter(samples, rollout, reason, times, up)


def _gauge(
    samples: PastSamples, metric: str, own: Labels, unusual: Sequence[Held], *, usual: float, up: Sequence[Run]
) -> None:
    """Add a series that is always there, with its usual value while it is not held."""
    edges = [up[0].first, *(edge for held in unusual for edge in (held.start, held.end)), up[-1].last]
    values = [usual, *(value for held in unusual for value in (held.value, usual))]
    _stretches(samples, metric, own, zip(pairwise(edges), values, strict=True), up)


def _counter(samples: PastSamples, rollout: Key, reason: str, times: Sequence[int], up: Sequence[Run]) -> None:
    """Add a counter, which begins at its first event."""
    namespace, name = rollout
    own = labels({"namespace": namespace, "name": name, "reason": reason, "type": "Normal"})
    stretches = zip(pairwise([*times, up[-1].last]), range(1, len(times) + 1), strict=True)
    _stretches(samples, "rollout_events_total", own, stretches, up)


def _stretches(
    samples: PastSamples,
    metric: str,
    own: Labels,
    stretches: Iterable[tuple[tuple[int, int], float]],
    up: Sequence[Run],
) -> None:
    for edges, value in stretches:
        for running in up:
            samples.add(metric, _scrapes(Run(*edges), running), value, **dict(own), **TARGET)


def _while_held(samples: PastSamples, metric: str, own: Labels, held: Held, up: Sequence[Run]) -> None:
    """Add a series that is there only while it is held."""
    _stretches(samples, metric, own, [((held.start, held.end), held.value)], up)
    samples.add(metric, [held.end + -held.end % SCRAPES], ENDED, **dict(own), **TARGET)


def _while_true(story: Iterable[Held], reads: Reads) -> Iterator[WhileTrue]:
    """When an expression was true, at the evaluations after the scrapes that show it."""
    runs: dict[tuple[Labels, float], list[Run]] = defaultdict(list)
    for held in sorted((one for one in story if reads.shown_by(one)), key=lambda one: one.start):
        own = tuple(pair for pair in held.labels if pair[0] in reads.kept)
        first, last = held.start + EVALUATED_AFTER, held.end - MINUTE + EVALUATED_AFTER
        of_labels = runs[own, held.value]
        if of_labels and first <= of_labels[-1].last + MINUTE:
            of_labels[-1] = Run(of_labels[-1].first, last)
        else:
            of_labels.append(Run(first, last))
    for (own, value), of_labels in sorted(runs.items()):
        yield WhileTrue(own, tuple(of_labels), value)


def _evaluations(run: Run) -> range:
    return range(run.first, run.last + 1, MINUTE)


def _recorded(samples: PastSamples, rule: AlertRule, own: Labels, run: Run, outages: Sequence[Run]) -> None:
    """Add the alert that Prometheus has recorded for a time in which the expression was true."""
    origin = run.first - AROUND * MINUTE
    count = (run.last - run.first) // MINUTE + 1 + 2 * AROUND
    away = tuple(((out.first - origin) // MINUTE, -(-(out.last - origin) // MINUTE)) for out in outages)
    world = RuleWorld(
        count,
        frozenset(range(AROUND, count - AROUND)),
        outages=tuple(pair for pair in away if pair[0] > 0 and pair[1] < count),
    )
    written = Simulated(world, rule, origin).run()
    named = {**dict(own), **dict(rule.labels), "alertname": rule.name}
    for state, times in (("pending", written.pending), ("firing", written.firing)):
        if times:
            samples.add("ALERTS", times, 1, alertstate=state, **named)
    if written.states:
        since = [value for _, value in written.states]
        samples.add("ALERTS_FOR_STATE", [at for at, _ in written.states], since, **named)
