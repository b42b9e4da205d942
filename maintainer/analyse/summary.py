"""The numbers and tables of the monthly report."""

from collections.abc import Iterator, Mapping

from maintainer.analyse.brackets import Judged
from maintainer.model.facts import Cost, Watched, target_name
from maintainer.model.message import message
from maintainer.model.sections import Table, Text

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


def unjudged_text(judged: Judged) -> Iterator[Text]:
    """The names of the Rollouts that nothing can be said of."""
    names = ["/".join(key) for key in sorted(judged.unjudged)]
    if names:
        id_ = "coverage/unjudged.names" if len(names) <= NAMED else "coverage/unjudged.more"
        said = message(id_, count=len(names), names=", ".join(names[:NAMED]))
        yield Text(title=message("coverage/unjudged.title"), paragraphs=(said,))


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
