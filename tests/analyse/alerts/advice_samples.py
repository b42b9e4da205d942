"""Histories of a rule, with what each of its episodes was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from maintainer.analyse.alerts.presence import replayed
from maintainer.analyse.alerts.record import RuleRecord
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.trials import Judgement
from maintainer.model.alerts import DAY, MINUTE, AlertRule, Episode, LeftSide, Run
from maintainer.model.incidents import Verdict

START = 1_751_328_007_123
"""The first evaluation; groups have a place in their interval."""

RULE = AlertRule(
    "RolloutStuck", "argo-rollouts", "argo-rollouts.rules.yml", 'rollout_info{phase="Progressing"} == 1',
    hold=5 * MINUTE, keep=0, interval=MINUTE, labels=(("severity", "warning"),),
)  # fmt: skip

True_ = tuple[str, int, int, Verdict]
"""That an expression was true: the Rollout, the first evaluation, for how many, and what it was."""

QUARTER = Run(START, START + 90 * DAY)


def labels(name: str, **others: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({"namespace": "shop", "name": name, "severity": "warning", **others}.items()))


def record(true: Iterable[True_], rule: AlertRule = RULE, **others: str) -> tuple[RuleRecord, Judgement]:
    """A history in which the rule's expression was true at times, and what the verdicts of its episodes are."""
    verdicts: dict[Episode, Verdict] = {}
    for name, first, count, verdict in true:
        begin = START + first * rule.interval
        run = Run(begin, begin + (count - 1) * rule.interval)
        (episode,) = replayed(rule, [Presence(labels(name, **others), [run])], QUARTER.last + 1)
        verdicts[replace(episode, runs=(run,))] = verdict
    return RuleRecord(rule, sorted(verdicts, key=lambda one: (one.active_at, one.labels)), QUARTER), judged(verdicts)


def churning() -> tuple[RuleRecord, Judgement]:
    """On 12 days, four pods after each other are the subject of an alert about one Rollout."""
    rule = replace(RULE, hold=0)
    verdicts: dict[Episode, Verdict] = {}
    for day in range(12):
        for number in range(4):
            pods: list[True_] = [("app1", day * 1440 + 5 * number, 5, "noise")]
            verdicts |= record(pods, rule, pod=f"app1-{day}-{number}")[1].verdicts
    episodes = sorted(verdicts, key=lambda episode: episode.active_at)
    return RuleRecord(rule, episodes, Run(START, START + 12 * DAY)), judged(verdicts)


def judged(verdicts: Mapping[Episode, Verdict]) -> Judgement:
    return Judgement(verdicts, ())


def noisy(seed: int = 7, noise: int = 45, real: int = 9) -> list[True_]:
    """A quarter of transient pages of 6 to 9 minutes, and incidents of 19 minutes and more, all apart."""
    random = Random(seed)
    times = sorted(random.sample(range(90 * 24 - 1), noise + real))
    is_real = set(random.sample(range(noise + real), real))
    return [
        (f"app{random.randrange(5)}", hour * 60, random.randint(20, 60), "real")
        if number in is_real
        else (f"app{random.randrange(5)}", hour * 60, random.randint(7, 10), "noise")
        for number, hour in enumerate(times)
    ]


ERRORS = replace(RULE, name="RolloutErrors", expr="errors > 10", hold=0)
"""A rule with a threshold."""


def spikes(highest: Sequence[tuple[float, Verdict]]) -> tuple[RuleRecord, Judgement]:
    """A value that rises for six minutes every five hours, to these heights, and was kept from 5 to 20."""
    history: list[True_] = []
    values: list[tuple[int, int, float]] = []
    for number, (height, verdict) in enumerate(highest):
        begin = START + number * 300 * MINUTE
        values += [(begin, begin + MINUTE, height / 2), (begin + 2 * MINUTE, begin + 7 * MINUTE, height)]
        if height > 10:
            history.append(("app1", number * 300 + 2, 6, verdict))
    recorded, judgement = record(history, ERRORS)
    kept = tuple((first, last, min(value, 20.0)) for first, last, value in values if value > 5)
    own = tuple(pair for pair in labels("app1") if pair[0] != "severity")
    side = LeftSide(ERRORS.version, own, MINUTE, ">", 5.0, 20.0, kept)
    return replace(recorded, left_sides=(side,)), judgement
