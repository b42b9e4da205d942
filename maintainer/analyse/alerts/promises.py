"""What the advice of the quarter before has promised, and what came of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import msgspec

from maintainer.analyse.alerts.advice import AlertAdvice
from maintainer.analyse.promql.canonical import same_promql
from maintainer.model.alerts import DAY, AlertHistory, AlertRule, Run
from maintainer.model.ledger import ArchiveLine
from maintainer.model.report import Json

KIND = "alert-advice"
"""The kind of the lines of the archive that keep the advice of a quarter."""

PER = 30 * DAY
"""Numbers of two quarters are compared as numbers of so much time."""

Taken = Literal["taken", "ignored", "otherwise", "gone"]
"""What became of a rule that there was advice on: changed as advised, left, changed in another way, or removed."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a change of a rule was to do: how often the rule fires in 30 days, before and after.

    ``version`` is that of the rule before the change, ``advised`` that of the rule after it.
    """

    alert: str
    kind: str
    version: str
    advised: str
    expr: str
    hold: int
    keep: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a promise: how often the rule has fired in 30 days since it was changed.

    ``measured`` is ``None`` where the change was not made, or too little time has passed. It is ``kept`` if at least
    half of what was promised came.
    """

    promise: Promise
    taken: Taken
    measured: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the promise was kept; ``None`` if nothing can be said."""
        if self.measured is None:
            return None
        return self.measured <= (self.promise.before + self.promise.after) / 2


def promises(advised: AlertAdvice) -> tuple[Promise, ...]:
    """What the best changes are to do."""
    made = []
    for advice in advised.best:
        time = advised.records[advice.rule.version].time
        made.append(
            Promise(
                advice.rule.name,
                advice.kind,
                advice.rule.version,
                advice.advised.version,
                advice.advised.expr,
                advice.advised.hold,
                advice.advised.keep,
                _in_usual_time(advice.whole.pages_before, time),
                _in_usual_time(advice.whole.pages_after, time),
            )
        )
    return tuple(made)


def as_data(made: Iterable[Promise], period: str) -> Mapping[str, Json]:
    """The promises of a period as data of a line of the archive."""
    return {"period": period, "promises": [asdict(promise) for promise in made]}


def last_promises(lines: Sequence[ArchiveLine], period: str) -> tuple[Promise, ...]:
    """The promises of the newest period before this one, of its last run; what cannot be read is left out."""
    before = [line for line in lines if str(line.data.get("period", "")) < period]
    newest = max(before, key=lambda line: (str(line.data.get("period", "")), line.at), default=None)
    return tuple(_read(newest.data.get("promises"))) if newest else ()


def _read(data: Any) -> Iterator[Promise]:
    for one in data if isinstance(data, list) else ():
        try:
            yield msgspec.convert(one, Promise)
        except msgspec.ValidationError:
            continue


def outcomes(made: Iterable[Promise], history: AlertHistory) -> tuple[Kept, ...]:
    """What came of the promises in the time of a history."""
    return tuple(_outcome(promise, history) for promise in made)


def _outcome(promise: Promise, history: AlertHistory) -> Kept:
    mine = [rule for rule in history.rules.values() if rule.name == promise.alert]
    if not mine:
        return Kept(promise, "gone")
    changed = {rule.version for rule in mine if _is_advised(rule, promise)}
    if not changed:
        return Kept(promise, "ignored" if promise.version in history.rules else "otherwise")
    times = [_within(history.loaded.get(version, Run(history.start, history.end)), history) for version in changed]
    length = sum(max(0, time.last - time.first) for time in times)
    fired = sum(episode.rule in changed and episode.fired_at is not None for episode in history.episodes)
    return Kept(promise, "taken", round(fired * PER / length, 2) if length >= 7 * DAY else None)


def _is_advised(rule: AlertRule, promise: Promise) -> bool:
    """Whether a rule is as it was advised; Prometheus writes an expression in its own way."""
    same = rule.hold == promise.hold and rule.keep == promise.keep and same_promql(rule.expr, promise.expr)
    return rule.version == promise.advised or same


def _within(time: Run, history: AlertHistory) -> Run:
    return Run(max(time.first, history.start), min(time.last, history.end))


def _in_usual_time(count: int, time: Run) -> float:
    return round(count * PER / max(time.last - time.first, DAY), 2)
