"""Compares a Rollout of the API with its series in a scrape: exactly, without tolerance."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from maintainer.analyse.accuracy.phases import EQUAL, Meaning, meaning, metric_phase
from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, INFO, UNAVAILABLE, UPDATED
from maintainer.model.facts import Key, Labels, Rollout, RolloutSeries, Scrape
from maintainer.model.report import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between the API and a target's series.

    ``cause`` tells the differences of a check apart; ``target`` is () where no target exposes the Rollout; ``api`` and
    ``metric`` are the values of both sides.
    """

    check: str
    cause: str
    key: Key
    target: Labels
    api: Json
    metric: Json


GAUGE_VALUES: Mapping[str, Callable[[Rollout], int]] = {
    DESIRED: attrgetter("desired"),
    UPDATED: attrgetter("updated"),
    AVAILABLE: attrgetter("available"),
    UNAVAILABLE: lambda rollout: rollout.replicas - rollout.available,
}
"""How the controller computes each replica gauge. Unavailable is replicas minus available, not desired minus available.

Source: ``collectRollouts`` in controller/metrics/rollouts.go of Argo Rollouts.
"""


def gauges(rollout: Rollout) -> dict[str, int]:
    """The values that the four replica gauges must have, by family."""
    return {family: value(rollout) for family, value in GAUGE_VALUES.items()}


def agrees(rollout: Rollout, series: RolloutSeries) -> bool:
    """Whether a target's series equal what the API says, and the controller has acted on everything in the API."""
    phase = metric_phase(rollout)
    return (
        series.infos == ((rollout.strategy, phase),)
        and series.gauges == gauges(rollout)
        and (rollout.phase, phase) in EQUAL
        and rollout.pending is None
    )


def compare(rollout: Rollout, series: RolloutSeries, scrape: Scrape) -> Iterator[Difference]:
    """The differences between the API and a target's series, except families that the target has of no Rollout."""
    wanted, target = gauges(rollout), scrape.target
    absent = [family for family in GAUGES if family in scrape.families and family not in series.gauges]
    if not series.infos or absent:
        lacking: Json = absent if series.infos else [INFO, *absent]
        yield Difference("coverage/missing", "partly", rollout.key, target, "present", lacking)
    if series.infos:
        yield from _phases(rollout, series, target)
    wrong = [family for family, value in series.gauges.items() if value != wanted[family]]
    if wrong:
        api = {family: wanted[family] for family in wrong}
        metric = {family: whole(series.gauges[family]) for family in wrong}
        yield Difference("accuracy/replicas", "drift", rollout.key, target, api, metric)


def _phases(rollout: Rollout, series: RolloutSeries, target: Labels) -> Iterator[Difference]:
    strategies = sorted({strategy for strategy, _ in series.infos})
    phases = sorted({phase for _, phase in series.infos})
    wanted = metric_phase(rollout)
    if strategies != [rollout.strategy]:
        shown = ", ".join(strategies)
        yield Difference("accuracy/strategy", "drift", rollout.key, target, rollout.strategy, shown)
    if phases != [wanted]:
        yield Difference("accuracy/phase", "drift", rollout.key, target, wanted, ", ".join(phases))
        return
    means = meaning(rollout, wanted)
    if means.kind == "misleading":
        yield Difference("accuracy/meaning", means.row, rollout.key, target, rollout.phase, wanted)


def explained(rollout: Rollout, series: RolloutSeries) -> Meaning | None:
    """Why a correct phase differs from the API's ``status.phase``; ``None`` if it does not, or if that misleads."""
    wanted = metric_phase(rollout)
    if {phase for _, phase in series.infos} != {wanted}:
        return None
    means = meaning(rollout, wanted)
    return means if means.kind == "explained" else None


def whole(value: float) -> int | float:
    """A sample's value as an integer where it is whole: 3, not 3.0."""
    return int(value) if value.is_integer() else value
