"""The tables of a quarterly report about incidents: caught, prevented by an analysis, and told of by nobody."""

from maintainer.analyse.alerts.numbers import caught_by
from maintainer.analyse.alerts.review import Review
from maintainer.analyse.alerts.table_shapes import local_time, shaped
from maintainer.model.alerts import MINUTE
from maintainer.model.incidents import Incident
from maintainer.model.message import Message, message
from maintainer.model.sections import Cell, Table


def incidents_table(review: Review) -> Table:
    moment = local_time(review)
    rows: list[tuple[Cell, ...]] = []
    for incident, episodes in review.told.incidents.items():
        source = _source(incident, review) or message("quarterly/incident.found")
        first = episodes[0] if episodes else None
        delay = round(((first.fired_at or 0) - incident.start) / MINUTE, 1) if first else "-"
        rows.append((
            incident.id, moment(incident.start), moment(incident.end), source, first.alert if first else "-", delay,
            len({episode.alert for episode in episodes}),
        ))  # fmt: skip
    return shaped("incidents", rows, numeric=(5, 6))


def _source(incident: Incident, review: Review) -> Message | None:
    """By whom an incident is known; ``None`` for one that was found in what became of the Rollouts."""
    if incident in (review.judging.incidents or ()):
        return message("quarterly/incident.recorded")
    return message("quarterly/incident.impact") if incident in review.impacts else None


def prevented_table(review: Review) -> Table:
    """The bad versions that analysis undid before pods were missing, and the alert that told of them all the same."""
    moment = local_time(review)
    prevented = [trouble.incident for trouble in review.troubles if trouble.kind == "prevented"]
    told = caught_by(prevented, review.history.episodes).incidents
    rows = [
        (incident.id, moment(incident.start), moment(incident.end), episodes[0].alert if episodes else "-")
        for incident, episodes in told.items()
    ]
    return shaped("prevented", rows, numeric=())


def missed_table(review: Review) -> Table:
    moment = local_time(review)
    what = {trouble.incident: message(f"quarterly/trouble.{trouble.kind}") for trouble in review.troubles}
    rows = [
        (
            one.incident.id,
            moment(one.incident.start),
            what.get(one.incident) or _source(one.incident, review) or "-",
            one.alert or "-",
            one.how,
        )
        for one in review.missed
    ]
    return shaped("missed", rows, numeric=())
