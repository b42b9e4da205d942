"""Restores objects so that they end as they were deployed, or as they were before, whatever happens in between.

Each step is noted before it begins. A run that is killed leaves notes, by which the next run ends what it began.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from maintainer.clients.api_request import ObjectChanged
from maintainer.deliver.proof import Patience
from maintainer.deliver.putting_back import ProofOf, PuttingBack, send
from maintainer.deliver.recovering import recovered
from maintainer.deliver.resuming import holds, is_untouched, left_to_write, same_values
from maintainer.deliver.written_to import Notes, Objects
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import ObjectId, StoredObject
from maintainer.model.message import Message, message
from maintainer.model.reasons import told
from maintainer.model.restoring import (
    OPEN,
    STAGES,
    Deed,
    ObjectWrite,
    PlannedWrite,
    RestoringPlan,
    RestoringRecord,
    Rewrite,
    Stage,
)

LOOKS = 3
"""How often a change by somebody else is looked at again before the object is left to them."""

Ready = tuple[Rewrite, Mapping[str, Any] | None]
"""What can be written, with the object that it replaces."""
LookAgain = Callable[[ObjectId], PlannedWrite | None]
"""What restores an object that somebody else has changed; ``None`` if it needs nothing any more."""


@dataclass(frozen=True, slots=True)
class _Unsure:
    """A write that got no answer, and may have been made."""

    record: RestoringRecord
    error: SourceUnavailable


class Restorer:
    """Writes plans. ``proofs`` are those of the stages that Prometheus reads, ``problem`` finds fault with an object.

    All methods return what became of each object. Without notes nothing is written: what ends a restoring raises
    :class:`SourceUnavailable` if they cannot be read.
    """

    def __init__(
        self,
        objects: Objects,
        notes: Notes,
        *,
        proofs: Mapping[Stage, ProofOf],
        patience: Patience,
        problem: Callable[[Mapping[str, Any]], str] = lambda _: "",
    ) -> None:
        self._objects = objects
        self._notes = notes
        self._back = PuttingBack(objects, notes, proofs=proofs, patience=patience)
        self._problem = problem

    def restore(self, plan: RestoringPlan, look_again: LookAgain) -> tuple[Deed, ...]:
        """Restore stage by stage. After one that had to be rolled back, the others are left for the next run."""
        deeds: list[Deed] = []
        for stage in STAGES:
            writes = [write.rewrite for write in plan.writes if write.rewrite.stage == stage]
            done = self._stage(writes, stage, look_again)
            failed = {deed.id for deed in done if deed.kind == "failed"}
            if failed and any(deed.kind == "restored" for deed in done):  # such as a binding, before its role was there
                again = self._stage([write for write in writes if write.id in failed], stage, look_again)
                done = (*(deed for deed in done if deed.id not in failed), *again)
            deeds += done
            if any(deed.kind in {"rolled-back", "unknown"} for deed in done):
                break
        return tuple(deeds)

    def recover(self) -> tuple[Deed, ...]:
        """End what a run began that was killed: what was written is proven, or put back."""
        left = [record for record in self._notes.records() if record.progress in OPEN]
        deeds: list[Deed] = []
        for (_, stage), group in groupby(left, key=lambda record: (record.run, record.rewrite.stage)):
            records = tuple(group)
            end = partial(recovered, objects=self._objects, notes=self._notes, back=self._back)
            deeds += self._noted(records, partial(end, records, stage))
        return tuple(deeds)

    def undo(self, kept: Callable[[RestoringRecord], Message | None] = lambda _: None) -> tuple[Deed, ...]:
        """Put back what the last run restored, in the reverse order, where nobody has changed it since.

        ``kept`` says why an object is to stay restored, ``None`` if it is not.
        """
        done = [record for record in self._notes.records() if record.progress == "done"]
        last = [record for record in done if record.run == done[-1].run]
        why = {record.key: kept(record) for record in last}
        left = tuple(Deed("refused", record.rewrite.id, said) for record in last if (said := why[record.key]))
        undone = [record for record in last if not why[record.key]]
        return (*left, *self._noted(undone, partial(self._back.undone, undone)))

    def _stage(self, writes: Sequence[Rewrite], stage: Stage, look_again: LookAgain) -> tuple[Deed, ...]:
        found = [self._ready(rewrite, look_again) for rewrite in writes]
        deeds = [one for one in found if isinstance(one, Deed)]
        ready = [one for one in found if isinstance(one, tuple)]
        try:
            records = self._notes.begin(ready) if ready else ()
        except SourceUnavailable as error:
            why = message("restoring/no-notes", why=told(error))
            return (*deeds, *(Deed("failed", rewrite.id, why, error.permanent) for rewrite, _ in ready))
        return (*deeds, *self._noted(records, partial(self._begun, records, stage, look_again)))

    def _begun(self, records: Sequence[RestoringRecord], stage: Stage, look_again: LookAgain) -> tuple[Deed, ...]:
        """Write what is noted, and prove it."""
        deeds: list[Deed] = []
        written: list[RestoringRecord] = []
        for record in records:
            done = self._written(record, look_again)
            if isinstance(done, _Unsure):
                self._notes.note(records[records.index(record) + 1 :], "left")
                return (*deeds, *self._back.rolled_back(written, told(done.error), unsure=[done.record]))
            if isinstance(done, Deed):
                deeds.append(done)
            elif done:
                written.append(done)
        return (*deeds, *self._back.proven(written, stage))

    def _noted(self, records: Sequence[RestoringRecord], step: Callable[[], tuple[Deed, ...]]) -> tuple[Deed, ...]:
        """What the step did; if it can no longer be noted how far it has come, the next run will see to it."""
        try:
            return step()
        except SourceUnavailable as error:
            why = message("restoring/lost-notes", why=told(error))
            return tuple(Deed("unknown", record.rewrite.id, why) for record in records)

    def _ready(self, rewrite: Rewrite, look_again: LookAgain) -> Ready | Deed | None:
        """What can be written, after a dry run; ``None`` if nothing has to be any more."""
        for _ in range(LOOKS):
            try:
                return self._tried(rewrite)
            except SourceUnavailable as error:
                return Deed("failed", rewrite.id, told(error), error.permanent)
            except ObjectChanged:
                pass
            again = _planned_again(rewrite, look_again)
            if not isinstance(again, Rewrite):
                return again
            rewrite = again
        return Deed("changed", rewrite.id, message("restoring/changed"))

    def _tried(self, rewrite: Rewrite) -> Ready | Deed:
        """The rewrite with the object that it replaces, or why it would not help. Raises :class:`ObjectChanged`."""
        if problem := self._problem(rewrite.body):
            return Deed("refused", rewrite.id, message("restoring/invalid", said=problem))
        before = self._objects.read(rewrite.id)
        if not is_untouched(rewrite, before):
            raise ObjectChanged
        if not self._would_help(rewrite, rewrite.requests[0], before):
            return Deed("refused", rewrite.id, message("restoring/mutated"))
        return rewrite, dict(before.content) if before else None

    def _written(self, record: RestoringRecord, look_again: LookAgain) -> RestoringRecord | Deed | _Unsure | None:
        """The record of what was written: if somebody has come in between, of what was planned then."""
        for _ in range(LOOKS):
            try:
                if self._is_written(record.rewrite):
                    return record
            except SourceUnavailable as error:
                return self._unanswered(record, error)
            self._notes.note([record], "left")
            again = _planned_again(record.rewrite, look_again)
            found = self._ready(again, look_again) if isinstance(again, Rewrite) else again
            if not isinstance(found, tuple):
                return found
            (record,) = self._notes.begin([found])
        return Deed("changed", record.rewrite.id, message("restoring/changed"))

    def _is_written(self, rewrite: Rewrite) -> bool:
        """Write, unless somebody has come in between."""
        try:
            send(self._objects, rewrite, rewrite.requests)
        except ObjectChanged:
            return self._is_ours(rewrite)
        return True

    def _unanswered(self, record: RestoringRecord, error: SourceUnavailable) -> Deed | _Unsure:
        """What a write without an answer has done: nothing, if the object is the one from before."""
        try:
            untouched = is_untouched(record.rewrite, self._objects.read(record.rewrite.id))
        except SourceUnavailable:
            untouched = False
        if not untouched:
            return _Unsure(record, error)
        self._notes.note([record], "left")
        return Deed("failed", record.rewrite.id, told(error), error.permanent)

    def _is_ours(self, rewrite: Rewrite) -> bool:
        """Whether the object is what was to be written, as when the answer to our own write was lost."""
        for _ in range(LOOKS):
            now = self._objects.read(rewrite.id)
            if (missing := left_to_write(rewrite, now)) is None:
                return False
            try:
                send(self._objects, rewrite, missing, now)
            except ObjectChanged:
                continue
            return True
        return False

    def _would_help(self, rewrite: Rewrite, request: ObjectWrite, before: StoredObject | None) -> bool:
        """Whether a dry run has what is sent, or at least not what there was before.

        Else a webhook takes all of it back, and would each time again.
        """
        after = self._objects.write(rewrite.id, request, version=rewrite.version, uid=rewrite.uid, dry_run=True)
        return after is None or holds(after.content, request.body) or not (before and same_values(before, after))


def _planned_again(rewrite: Rewrite, look_again: LookAgain) -> Rewrite | Deed | None:
    """What restores an object that somebody else has changed, or why that is not known; ``None`` if nothing has to."""
    try:
        planned = look_again(rewrite.id)
    except SourceUnavailable as error:
        return Deed("failed", rewrite.id, told(error), error.permanent)
    return planned.rewrite if planned else None
