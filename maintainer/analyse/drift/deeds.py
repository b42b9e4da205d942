"""What a report says of a restoring: what was done, what was not and why, and what was restored, as a diff."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeGuard, get_args

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.analyse.drift.commands import putting_back
from maintainer.analyse.drift.documents import Documents, documents
from maintainer.analyse.drift.owners import ForeignOwner
from maintainer.analyse.drift.sections import change_table, diff
from maintainer.model.message import Message, message
from maintainer.model.report import Action, Gap
from maintainer.model.restoring import Deed, NotRestored, PlannedWrite, RestoringPlan
from maintainer.model.sections import Diff, Table, Text

Done = Literal["restored", "rolled-back", "undone", "reloaded", "unknown"]
_PASSING = frozenset(("changed", "unknown"))
NOT_RESTORED = ("object", "why", "command")
PLAN = ("object", "stage", "as", "changes", "kept")


def actions(deeds: Sequence[Deed], before: DriftAudit) -> tuple[Action, ...]:
    """What was done to the cluster."""
    compared = {found.desired.id: found for found in before.objects}
    return tuple(
        Action(deed.kind, deed.id.subject, deed.why or _detail(deed, compared.get(deed.id), before))
        for deed in deeds
        if _is_done(deed.kind)
    )


def deed_gaps(deeds: Sequence[Deed]) -> Iterator[Gap]:
    """What could not be written because of something that is not in the objects."""
    for deed in deeds:
        if deed.why and (deed.kind == "failed" or deed.kind in _PASSING):
            gap = "restoring/gap.unknown" if deed.kind == "unknown" else "restoring/gap"
            why = message(gap, object=str(deed.id.subject), why=deed.why)
            yield Gap("drift/changed", "permanent" if deed.permanent else "passing", why)


def restored_figures(deeds: Sequence[Deed]) -> Mapping[str, int]:
    """How many objects were restored, if any were."""
    count = sum(deed.kind == "restored" for deed in deeds)
    return {"objects.restored": count} if count else {}


def restoring_sections(deeds: Sequence[Deed], plan: RestoringPlan, *, before: DriftAudit) -> Iterator[Table | Diff]:
    """What was restored and from what, and what was not restored and why."""
    done = {deed.id for deed in deeds if deed.kind == "restored"}
    restored = [found for found in before.objects if found.desired.id in done]
    yield from change_table(restored, message("restoring/table.title"), message("restoring/table.lead"))
    yield from (
        diff(found, message("restoring/diff.title", object=str(found.desired.id.subject)))
        for found in restored
        if found.changes
    )
    yield from _not_restored(deeds, plan, before)


def undone_sections(deeds: Sequence[Deed]) -> Iterator[Text]:
    """That there was nothing to undo; nothing where there was."""
    if not deeds:
        yield Text(message("restoring/undo.title"), (message("restoring/undo.nothing"),))


def plan_sections(plan: RestoringPlan, audit: DriftAudit) -> Iterator[Table | Diff]:
    """What would be written, and what would not."""
    yield Table(
        title=message("restoring/plan.title"),
        lead=message("restoring/plan.lead") if plan.writes else message("restoring/plan.nothing"),
        columns=tuple(message(f"restoring/plan.column.{column}") for column in PLAN),
        rows=tuple(_planned(write) for write in plan.writes),
        numeric=(3, 4),
        name="restoring-plan",
    )
    yield from _not_restored((), plan, audit)


def _planned(write: PlannedWrite) -> tuple[str | int | Message, ...]:
    request = write.rewrite.requests[0]
    stage = message(f"restoring/plan.stage.{write.rewrite.stage}")
    return str(write.rewrite.id.subject), stage, request.manager, len(write.changes), len(write.kept)


def _not_restored(deeds: Sequence[Deed], plan: RestoringPlan, audit: DriftAudit) -> Iterator[Table]:
    compared = {found.desired.id: found for found in audit.objects}
    left = [
        *plan.not_restored,
        *(NotRestored(deed.id, deed.why) for deed in deeds if deed.why and deed.kind != "undone"),
    ]
    owned = ((found.desired.id, found.owner) for found in audit.objects if found.differs)
    left += [NotRestored(found, _foreign(owner)) for found, owner in owned if owner]
    rows = [(str(one.id.subject), one.why, _by_hand(compared.get(one.id), audit)) for one in left]
    if rows:
        yield Table(
            title=message("restoring/left.title"),
            lead=message("restoring/left.lead"),
            columns=tuple(message(f"restoring/left.column.{column}") for column in NOT_RESTORED),
            rows=tuple(rows),
            name="not-restored",
        )


def _foreign(owner: ForeignOwner) -> Message:
    name = "/".join(filter(None, (owner.namespace, owner.name)))
    return message(f"drift/foreign-owner/{owner.kind}.action", owner=name, kind=owner.where)


def _by_hand(found: ComparedObject | None, audit: DriftAudit) -> str:
    return putting_back(audit, found) if found and not found.owner else "-"


def _detail(deed: Deed, found: ComparedObject | None, audit: DriftAudit) -> Message:
    """What was done to an object, and the command that does the same."""
    if deed.kind == "reloaded":
        return message("restoring/reloaded", server=found.not_loaded[0].server if found else "")
    if found is None or not (found.changes or found.stored is None):
        return message("restoring/ended")
    origin, command = found.desired.origin, putting_back(audit, found)
    count = sum(change.what != "extra" for change in found.changes)
    if documents(found.desired) == Documents():
        if found.stored is None:
            return message("restoring/recreated", origin=origin, command=command)
        return message("restoring/restored", origin=origin, count=count, command=command)
    if found.stored is None:
        return message("restoring/recreated.loaded", origin=origin, command=command)
    return message("restoring/restored.loaded", origin=origin, count=count, command=command)


def _is_done(kind: str) -> TypeGuard[Done]:
    return kind in get_args(Done)
