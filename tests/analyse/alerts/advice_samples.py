"""Histories of a rule, with what each of its episodes was."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random

from maintainer.analyse.alerts.presence import replayed
from maintainer.analyse.alerts.remedies import RuleRecord
from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.trials import Judgement
from maintainer.model.alerts import DAY, MINUTE, AlertRule, Episode, Run
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
