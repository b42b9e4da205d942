"""Recorded episodes as a file for ``promtool test rules``, so that a change can be checked without this program.

The file of rules has the rule as it is advised, and the present one under a name of its own. The test gives both the
condition as it was recorded, and says when each of them fires.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from maintainer.model.alert_advice import Input, Proof, Tested
from maintainer.model.alerts import AlertRule, Episode
from maintainer.model.duration import duration
from maintainer.model.facts import Labels

PRESENT = "_present"
"""What the present rule's name ends with."""

RULES_FILE, TEST_FILE = ".rules.yml", ".test.yml"
"""What the names of the two files end with."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A time of its own: nothing before it matters. Its steps are counted from ``start``."""

    start: int
    last: int
    interval: int

    def step(self, at: int) -> int:
        """Which evaluation a time is, the first is 0."""
        return round((at - self.start) / self.interval)

    @property
    def steps(self) -> int:
        """How many evaluations there are."""
        return self.step(self.last) + 1

    def holds(self, at: int) -> bool:
        """Whether a time lies in it."""
        return self.start <= at <= self.last


def promtool_files(name: str, proof: Proof) -> dict[str, str]:
    """The two files by their names: the rules, and the test that reads them."""
    advised, present, inputs = proof.advised, proof.present, proof.inputs
    tested = [advised, Tested(_renamed(present.rule), present.episodes)]
    rules = {"groups": [{"name": name, "rules": [_rule(one.rule) for one in tested]}]}
    interval = present.rule.interval
    cases = [*_cases(tested, inputs, interval)]
    test = {
        "rule_files": [f"{name}{RULES_FILE}"],
        "evaluation_interval": duration(interval / 1000),
        "tests": [_test(case, tested, inputs) for case in cases],
    }
    head = f"# promtool test rules {name}{TEST_FILE}\n# {advised.rule.name} is the rule as advised, "
    head += f"{advised.rule.name}{PRESENT} the present one: with the conditions that were recorded,\n"
    head += "# the first does not fire at some times at which the second does.\n"
    return {f"{name}{RULES_FILE}": _yaml(rules), f"{name}{TEST_FILE}": head + _yaml(test)}


def _renamed(rule: AlertRule) -> AlertRule:
    return replace(rule, name=f"{rule.name}{PRESENT}")


def _rule(rule: AlertRule) -> dict[str, Any]:
    """The rule without annotations, and without labels that are templates: the series have all labels of the alert."""
    made: dict[str, Any] = {"alert": rule.name, "expr": rule.expr, "for": duration(rule.hold / 1000)}
    made |= {"keep_firing_for": duration(rule.keep / 1000)} if rule.keep else {}
    plain = {name: value for name, value in rule.labels if "{{" not in value}
    return made | ({"labels": plain} if plain else {})


def _cases(tested: Sequence[Tested], inputs: Sequence[Input], interval: int) -> Iterator[_Case]:
    """The times in which something fires, with all that may matter for it."""
    apart = max(one.rule.hold + one.rule.keep for one in tested) + 2 * interval
    times = [(first, last) for series in inputs for first, last, _ in series.values]
    times += [(_fired(episode), _end(episode)) for one in tested for episode in one.episodes if episode.fired_at]
    fired = sorted(_fired(episode) for one in tested for episode in one.episodes if episode.fired_at is not None)
    for start, last in _joined(sorted(times), apart):
        if any(start <= at <= last for at in fired):
            yield _Case(start - interval, last + 2 * interval, interval)


def _joined(times: Iterable[tuple[int, int]], apart: int) -> Iterator[tuple[int, int]]:
    """The times, joined where they are not far apart."""
    now: tuple[int, int] | None = None
    for first, last in times:
        if now and first - now[1] <= apart:
            now = now[0], max(now[1], last)
        else:
            if now:
                yield now
            now = first, last
    if now:
        yield now


def _test(case: _Case, tested: Sequence[Tested], inputs: Sequence[Input]) -> dict[str, Any]:
    series = [
        {"series": f"{one.name}{_selector(one.labels)}", "values": _values(one, case)}
        for one in inputs
        if one.usual is not None or any(case.holds(first) for first, *_ in one.values)
    ]
    asserted = [part for one in tested for part in _asserted(one, case)]
    return {"interval": duration(case.interval / 1000), "input_series": series, "alert_rule_test": asserted}


def _values(series: Input, case: _Case) -> str:
    """The values in promtool's notation, in which ``1x3`` are four samples."""
    parts: list[str] = []
    at = 0
    for first, last, value in series.values:
        begin, end = case.step(first), case.step(last)
        if case.holds(first) and begin >= at:
            parts += _usual(series.usual, begin - at, after=bool(parts))
            parts.append(f"{_number(value)}x{end - begin}")
            at = end + 1
    return " ".join((*parts, *_usual(series.usual, case.steps - at, after=bool(parts))))


def _usual(value: float | None, count: int, *, after: bool) -> list[str]:
    """So many samples of the usual value; a series that goes away is marked as stale."""
    if count < 1:
        return []
    if value is not None:
        return [f"{_number(value)}x{count - 1}"]
    return ["stale", *["_"] * (count - 1)] if after else ["_"] * count


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)


def _asserted(one: Tested, case: _Case) -> Iterator[dict[str, Any]]:
    """What fires just before, at the begin, at the end and just after each episode."""
    mine = [
        (case.step(_fired(episode)), case.step(_end(episode)), episode.labels)
        for episode in one.episodes
        if episode.fired_at is not None and case.holds(episode.fired_at)
    ]
    times = {at for first, after, _ in mine for at in (first - 1, first, after - 1, after)}
    for at in sorted(at for at in times if 0 <= at < case.steps):
        firing = [{"exp_labels": dict(labels)} for first, after, labels in mine if first <= at < after]
        yield {"eval_time": duration(at * case.interval / 1000), "alertname": one.rule.name, "exp_alerts": firing}


def _fired(episode: Episode) -> int:
    return episode.fired_at or 0


def _end(episode: Episode) -> int:
    """The first evaluation without it; for one that did not end, a time that is not asked about."""
    return episode.last + 1 if episode.resolved_at is None else episode.resolved_at


def _selector(labels: Labels) -> str:
    return "{" + ", ".join(f"{name}={_quoted(value)}" for name, value in labels) + "}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _yaml(document: Any) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1 << 20))
