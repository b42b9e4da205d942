"""The figures and tables of the monthly report about Rollouts and targets."""

from collections.abc import Iterator, Mapping, Sequence

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.phases import metric_phase
from maintainer.analyse.cost import cost_figures
from maintainer.model.facts import Bracket, Cost, Key, Scrape, target_name
from maintainer.model.message import message
from maintainer.model.sections import Table

NAMED = 20
"""The number of Rollouts that the table of undecided Rollouts names."""


def fleet_figures(fleet: ComparedFleet, costs: Mapping[str, Cost]) -> Mapping[str, int]:
    """The report's figures about the fleet and about the cost of the run; ``costs`` by source.

    What is not known is left out: a 0 would say that there is none.
    """
    comparison = fleet.comparison
    return {
        **cost_figures(costs),
        "brackets": len(fleet.pipeline.observation.brackets),
        **({"rollouts.listed": comparison.listed, "rollouts.outside": comparison.outside} if fleet.lists_known else {}),
        **({"targets.emitting": len(comparison.scrapes)} if fleet.scrapes_known else {}),
        **(_compared(comparison) if fleet.lists_known and fleet.scrapes_known else {}),
    }


def _compared(comparison: Comparison) -> Mapping[str, int]:
    return {
        "rollouts.compared": len(comparison.compared),
        "rollouts.agreeing": len(comparison.compared - {difference.key for difference in comparison.differences}),
        "rollouts.moving": len(comparison.moving),
        "rollouts.unjudged": len(comparison.unconfirmed | comparison.unreadable),
        "rollouts.explained": sum(comparison.explained.values()),
    }


def coverage_table(fleet: ComparedFleet) -> Table:
    """How many Rollouts were compared, and how many were not for which reason; no row if that is not known."""
    comparison = fleet.comparison
    counts = {
        "compared": len(comparison.compared),
        "moving": len(comparison.moving),
        "unconfirmed": len(comparison.unconfirmed),
        "unreadable": len(comparison.unreadable),
        "outside": comparison.outside,
    }
    rows = [
        (message(f"coverage/{name}"), message(f"coverage/{name}.why"), count)
        for name, count in counts.items()
        if count or name in {"compared", "moving"}
    ]
    rows += [
        (message("coverage/explained"), message(f"accuracy/meaning/{row}.explained"), count)
        for row, count in comparison.explained.items()
    ]
    return Table(
        title=message("coverage/title"),
        columns=(message("coverage/what"), message("coverage/meaning"), message("coverage/rollouts")),
        rows=tuple(rows) if fleet.lists_known and fleet.scrapes_known else (),
        numeric=(2,),
        lead=message("coverage/lead", count=comparison.listed) if fleet.lists_known else message("coverage/unknown"),
    )


def unjudged_table(brackets: Sequence[Bracket], comparison: Comparison) -> Iterator[Table]:
    """The Rollouts that were not compared, with the phases of both sides; no table where there are none."""
    keys = sorted(comparison.not_compared)
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
    """The phases of each bracket: by the API's conditions, and in the metrics."""
    api = [metric_phase(bracket.before[key]) for bracket in brackets if key in bracket.before]
    metric = [
        " ".join(sorted({phase for scrape in bracket.scrapes for phase in _phases(scrape, key)})) or "-"
        for bracket in brackets
    ]
    return ", ".join(api), ", ".join(metric)


def _phases(scrape: Scrape, key: Key) -> Iterator[str]:
    if key in scrape.series:
        yield from (phase for _, phase in scrape.series[key].infos)


def scrapes_table(fleet: ComparedFleet) -> Table:
    """The targets that emitted Rollouts, with the controller's version and the number of Rollouts."""
    return Table(
        title=message("targets/title"),
        columns=(message("targets/target"), message("targets/version"), message("targets/rollouts")),
        rows=tuple(
            (
                target_name(dict(scrape.target)),
                fleet.versions.get(scrape.target, "") or message("targets/unknown"),
                len(scrape.series),
            )
            for scrape in fleet.comparison.scrapes
        ),
        numeric=(2,),
        lead=message("targets/lead", count=len(fleet.comparison.scrapes))
        if fleet.scrapes_known
        else message("targets/not-known"),
    )
