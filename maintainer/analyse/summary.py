"""The numbers and tables of the monthly report."""

from collections.abc import Iterator, Mapping, Sequence

from maintainer.analyse.brackets import Judged
from maintainer.analyse.phases import metric_phase
from maintainer.model.contract import Release, release
from maintainer.model.facts import Bracket, Cost, Key, Reading, Watched, target_name
from maintainer.model.message import message
from maintainer.model.sections import Table

NAMED = 20


def figures(watched: Watched, judged: Judged, costs: Mapping[str, Cost]) -> Mapping[str, int]:
    """The report's figures; ``costs`` by source."""
    asked = {
        f"{source}.{name}": getattr(cost, name) for source, cost in costs.items() for name in ("requests", "bytes")
    }
    return {
        **asked,
        "prometheus.samples": costs["prometheus"].samples,
        "brackets": len(watched.brackets),
        "rollouts.listed": judged.listed,
        "rollouts.compared": len(judged.compared),
        "rollouts.agreeing": len(judged.compared - {one.key for one in judged.differences}),
        "rollouts.moving": len(judged.moving),
        "rollouts.unjudged": len(judged.unconfirmed | judged.unreadable),
        "rollouts.explained": sum(judged.explained.values()),
        "rollouts.outside": judged.outside,
        "targets.emitting": len(judged.readings),
    }


def coverage_table(judged: Judged) -> Table:
    """How many Rollouts were compared, and what became of the others."""
    counts = {
        "compared": len(judged.compared),
        "moving": len(judged.moving),
        "unconfirmed": len(judged.unconfirmed),
        "unreadable": len(judged.unreadable),
        "outside": judged.outside,
    }
    rows = [
        (message(f"coverage/{name}"), message(f"coverage/{name}.why"), count)
        for name, count in counts.items()
        if count or name in {"compared", "moving"}
    ]
    rows += [
        (message("coverage/explained"), message(f"accuracy/meaning/{row}.explained"), count)
        for row, count in judged.explained.items()
    ]
    return Table(
        title=message("coverage/title"),
        columns=(message("coverage/what"), message("coverage/meaning"), message("coverage/rollouts")),
        rows=tuple(rows),
        numeric=(2,),
        lead=message("coverage/lead", count=judged.listed),
    )


def unjudged_table(brackets: Sequence[Bracket], judged: Judged) -> Iterator[Table]:
    """The Rollouts that nothing is said of, with what was seen of them, for a reader to judge."""
    keys = sorted(judged.unjudged)
    if not keys:
        return
    lead = "coverage/unjudged.lead" if len(keys) <= NAMED else "coverage/unjudged.more"
    columns = ("rollout", "api", "metric")
    yield Table(
        title=message("coverage/unjudged.title"),
        columns=tuple(message(f"coverage/unjudged.{column}") for column in columns),
        rows=tuple(("/".join(key), *_seen(brackets, key)) for key in keys[:NAMED]),
        lead=message(lead, count=len(keys), shown=NAMED),
    )


def _seen(brackets: Sequence[Bracket], key: Key) -> tuple[str, str]:
    """The phases that each bracket saw on both sides."""
    api = [metric_phase(bracket.before[key]) for bracket in brackets if key in bracket.before]
    metric = [
        " ".join(sorted({phase for reading in bracket.readings for phase in _phases(reading, key)})) or "-"
        for bracket in brackets
    ]
    return ", ".join(api), ", ".join(metric)


def _phases(reading: Reading, key: Key) -> Iterator[str]:
    if key in reading.series:
        yield from (phase for _, phase in reading.series[key].infos)


def emitting_version(watched: Watched, judged: Judged) -> Release | None:
    """The newest version among the controllers that emit; ``None`` if none tells it."""
    told = [release(watched.controllers.get(reading.target, "")) for reading in judged.readings]
    return max((one for one in told if one), default=None)


def scrapes_table(watched: Watched, judged: Judged) -> Table:
    """The targets that emitted, with what they are and how many Rollouts each gave."""
    return Table(
        title=message("targets/title"),
        columns=(message("targets/target"), message("targets/version"), message("targets/rollouts")),
        rows=tuple(
            (
                target_name(dict(reading.target)),
                watched.controllers.get(reading.target, "") or message("targets/unknown"),
                len(reading.series),
            )
            for reading in judged.readings
        ),
        numeric=(2,),
        lead=message("targets/lead", count=len(judged.readings)),
    )
