"""Restoring, for the job reconcile: what a killed run has left is ended, what differs is restored, and proven."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from maintainer.analyse.drift.audit import DriftAudit
from maintainer.analyse.drift.deploying import being_deployed
from maintainer.analyse.drift.in_use import Written, in_use, lacking
from maintainer.analyse.drift.restoring import Policy, restoring_plan, undoing_deletes_data
from maintainer.clients.object_writes import ObjectWrites
from maintainer.collect.drift.serving import loaded_now, servers
from maintainer.deliver.proof import Patience, Proof, proven, reload_all
from maintainer.deliver.restoring import Restorer
from maintainer.deliver.resuming import other_state
from maintainer.deliver.validation import problem, promtool
from maintainer.deliver.written_to import Notes
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.jobs.context import JobContext
from maintainer.model.drift import LoadedConfiguration, ObjectId
from maintainer.model.message import Message, message
from maintainer.model.plan_file import changed_since
from maintainer.model.restoring import OPEN, Deed, NotRestored, PlannedWrite, RestoringPlan, RestoringRecord
from maintainer.settings import Settings
from maintainer.settings_jobs import ReconcileSettings

Look = Callable[[], DriftAudit]
Seen = tuple[tuple[Written, ...], tuple[LoadedConfiguration, ...]]


LOOKS = 60
"""How often it is looked during the wait whether Prometheus has loaded what was written: every 5 s of 5 minutes."""


@dataclass(frozen=True, slots=True)
class Restoring:
    """What was done about what differed ``before``, by the ``plan``, and what differs ``after`` that."""

    before: DriftAudit
    after: DriftAudit
    plan: RestoringPlan
    deeds: tuple[Deed, ...]


def restored(settings: Settings, context: JobContext, *, look: Look, objects: ObjectWrites, agreed: str) -> Restoring:
    """Restore what differs from what was deployed, or undo what the last run has restored.

    ``agreed`` is the text of a plan, "" if there is none.

    Raises :class:`SourceUnavailable` if nothing can be written or noted, and ``ConfigError`` for a plan in a file that
    is not what would be done now.
    """
    notes = context.notes()
    restorer, first = _restorer(settings, context, notes, objects), look()
    if settings.reconcile.mode == "undo":
        undone = (*restorer.recover(), *restorer.undo(partial(_kept, settings.reconcile, objects)))
        return Restoring(first, look(), RestoringPlan(), undone)
    if agreed:
        _require_agreed(agreed, planned(first, settings.reconcile, context), context, notes)
    ended = restorer.recover()
    before = look() if ended else first
    plan = planned(before, settings.reconcile, context)
    again = _not_planned if agreed else partial(_again, look, settings, context)
    deeds = ended if _is_stuck(ended) else (*ended, *restorer.restore(plan, again))
    after = look() if deeds else before
    reloaded = () if agreed else _reloaded(settings, context, objects, after)
    return Restoring(before, look() if reloaded else after, plan, (*deeds, *reloaded))


def _kept(settings: ReconcileSettings, objects: ObjectWrites, record: RestoringRecord) -> Message | None:
    """Why what was restored is not undone, ``None`` if it is."""
    now = objects.read(record.rewrite.id)
    deletes = now and record.previous and undoing_deletes_data(now, record.previous)
    return message("restoring/undo.deletes-data") if deletes and not settings.yes_delete_data else None


def planned(audit: DriftAudit, settings: ReconcileSettings, context: JobContext) -> RestoringPlan:
    """What would be written now."""
    policy = Policy(settings.prune, settings.retention == "apply", settings.yes_delete_data)
    plan = restoring_plan(audit.objects, policy)
    left = {found.desired.id: being_deployed(found, audit) for found in audit.objects}
    if context.sources.prometheus is None:
        unproven = [write.rewrite.id for write in plan.writes if write.rewrite.stage == "configuration"]
        left |= {found: left[found] or message("restoring/no-prometheus") for found in unproven}
    writes = tuple(write for write in plan.writes if not left[write.rewrite.id])
    others = ((write.rewrite.id, left[write.rewrite.id]) for write in plan.writes)
    return RestoringPlan(writes, (*plan.not_restored, *(NotRestored(found, why) for found, why in others if why)))


def _again(look: Look, settings: Settings, context: JobContext, wanted: ObjectId) -> PlannedWrite | None:
    """What restores an object that somebody else has changed: perhaps because something else was deployed."""
    plan = planned(look(), settings.reconcile, context)
    return next((write for write in plan.writes if write.rewrite.id == wanted), None)


def _not_planned(_wanted: ObjectId) -> PlannedWrite | None:
    """Nothing but what was agreed is written. Raises :class:`SourceUnavailable`."""
    raise SourceUnavailable("plan-outdated")


def _is_stuck(ended: Iterable[Deed]) -> bool:
    """Whether what a killed run had written could not be proven: then it would be no different now."""
    killed = message("restoring/put-back", why=message("restoring/killed"))
    return any(deed.kind == "unknown" or (deed.kind == "rolled-back" and deed.why != killed) for deed in ended)


def _require_agreed(agreed: str, plan: RestoringPlan, context: JobContext, notes: Notes) -> None:
    """Raise ``ConfigError`` for a plan that is not what would be done now."""
    if any(record.progress in OPEN for record in notes.records()):
        raise ConfigError(
            "a run was killed while it restored, and its end is not in the plan: run maintainer run reconcile --apply"
        )
    if changed := changed_since(agreed, plan, context.sources.name):
        what = ", ".join(name or "the cluster is another one" for name in changed)
        raise ConfigError(
            f"nothing was restored: since the plan was made, this has changed: {what}. Make a new one with "
            "maintainer run reconcile --plan FILE"
        )


def _restorer(settings: Settings, context: JobContext, notes: Notes, objects: ObjectWrites) -> Restorer:
    return Restorer(
        objects,
        notes,
        proofs={"configuration": lambda records: _proof(context, lambda: _of_records(records, objects))},
        patience=_patience(settings, context),
        problem=partial(problem, promtool=promtool()),
    )


def _patience(settings: Settings, context: JobContext) -> Patience:
    """A third of the time that is left at most: what does not arrive has to be put back, and that be seen as well."""
    wait = max(0.0, min(settings.reconcile.wait, context.sources.limits.left / 3))
    return Patience(context.clock, wait, pause=wait / LOOKS)


def _proof(context: JobContext, written: Callable[[], Sequence[Written]]) -> Proof[Seen]:
    """The proof that Prometheus runs with these objects."""
    sources = context.sources

    def reload() -> None:
        with servers(sources) as all_servers:
            reload_all(all_servers)

    return Proof(
        reload=reload,
        observe=lambda: (tuple(written()), loaded_now(sources)),
        in_use=lambda seen: in_use(*seen),
        lacking=lambda seen: lacking(*seen),
    )


def _of_records(records: Iterable[RestoringRecord], objects: ObjectWrites) -> tuple[Written, ...]:
    """What was written of these, as it is now."""
    found = ((record, objects.read(record.rewrite.id)) for record in records)
    return tuple(
        Written(record.rewrite.id, now.content if now else {}, other_state(record, now), record.rewrite.body)
        for record, now in found
    )


def _reloaded(settings: Settings, context: JobContext, objects: ObjectWrites, audit: DriftAudit) -> tuple[Deed, ...]:
    """Make Prometheus load what is stored as it was deployed, and that it has not loaded."""
    lacking = [found for found in audit.objects if found.reload_helps and not being_deployed(found, audit)]
    if not lacking:
        return ()

    def stored() -> tuple[Written, ...]:
        read = ((found.desired, objects.read(found.desired.id)) for found in lacking)
        return tuple(Written(one.id, now.content, {}, one.content) for one, now in read if now)

    why = proven(_proof(context, stored), _patience(settings, context))
    return tuple(Deed("unloaded" if why else "reloaded", found.desired.id, why) for found in lacking)
