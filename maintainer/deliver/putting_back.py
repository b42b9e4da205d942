"""Puts back what was there before a restoring: because it was not proven, or because somebody wants it back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from maintainer.clients.api_request import ObjectChanged
from maintainer.deliver.proof import Patience, Proof, proven, put_back
from maintainer.deliver.resuming import left_to_undo
from maintainer.deliver.validation import problem
from maintainer.deliver.written_to import Notes, Objects
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import StoredObject
from maintainer.model.message import Message, message
from maintainer.model.reasons import told
from maintainer.model.restoring import Deed, ObjectWrite, RestoringRecord, Rewrite, Stage

ProofOf = Callable[[Sequence[RestoringRecord]], Proof[Any]]
"""Makes the proof for what was written."""


class PuttingBack:
    """Proves what was written, or puts back what was there. ``proofs`` are those of the stages that Prometheus reads.

    A file that is not valid is never put back: Prometheus could not start with it. All methods return what became of
    each object, and raise :class:`SourceUnavailable` if that cannot be noted.
    """

    def __init__(self, objects: Objects, notes: Notes, *, proofs: Mapping[Stage, ProofOf], patience: Patience) -> None:
        self._objects = objects
        self._notes = notes
        self._proofs = proofs
        self._patience = patience

    def proven(self, written: Sequence[RestoringRecord], stage: Stage) -> tuple[Deed, ...]:
        """Wait for the proof of what was written, or roll it back."""
        if not written:
            return ()
        self._notes.note(written, "waiting")
        if why := proven(self._proofs[stage](written), self._patience) if stage in self._proofs else None:
            return self.rolled_back(written, why)
        self._notes.note(written, "done")
        return tuple(Deed("restored", record.rewrite.id) for record in written)

    def rolled_back(
        self, written: Sequence[RestoringRecord], cause: Message, *, unsure: Sequence[RestoringRecord] = ()
    ) -> tuple[Deed, ...]:
        """Put back what was there before, for this cause, and make Prometheus take it.

        ``unsure`` are writes that got no answer: Prometheus need not have taken anything of them.
        """
        invalid = _invalid((*written, *unsure))
        self._notes.note([record for record in (*written, *unsure) if record.key in invalid], "left")
        stay = tuple(
            Deed("unknown", record.rewrite.id, message("restoring/stays", why=cause, said=invalid[record.key]))
            for record in (*written, *unsure)
            if record.key in invalid
        )
        back = [record for record in written if record.key not in invalid]
        deeds = self._back([*back, *(record for record in unsure if record.key not in invalid)], cause)
        return (*stay, *self._reloaded(back, deeds))

    def undone(self, done: Sequence[RestoringRecord]) -> tuple[Deed, ...]:
        """Put back what was there before, because somebody wants it, and make Prometheus take it."""
        invalid = _invalid(done)
        stay = tuple(
            Deed("refused", record.rewrite.id, message("restoring/undo.invalid", said=invalid[record.key]))
            for record in done
            if record.key in invalid
        )
        back = [record for record in done if record.key not in invalid]
        deeds = tuple(
            Deed("undone", deed.id, message("restoring/undone")) if deed.kind == "rolled-back" else deed
            for deed in self._back(back, message("restoring/undoing"))
        )
        if not any(deed.kind == "undone" for deed in deeds):
            return (*stay, *deeds)
        return (*stay, *self._reloaded(back, deeds))

    def _back(self, records: Sequence[RestoringRecord], cause: Message) -> tuple[Deed, ...]:
        self._notes.note(records, "rolling-back")
        return tuple(self._one_back(record, cause) for record in reversed(records))

    def _one_back(self, record: RestoringRecord, cause: Message) -> Deed:
        rewrite = record.rewrite
        try:
            now = self._objects.read(rewrite.id)
            requests = left_to_undo(rewrite, now)
            if requests is None:
                raise ObjectChanged
            send(self._objects, rewrite, requests, now)
            self._notes.note([record], "rolled-back")
        except ObjectChanged:
            self._notes.note([record], "left")
            return Deed("changed", rewrite.id, message("restoring/changed"))
        except SourceUnavailable as error:
            if error.permanent:  # the next run could not put it back either
                self._notes.note([record], "left")
            then = "not-put-back" if error.permanent else "unknown"
            why = message(f"restoring/{then}", why=cause, then=told(error))
            return Deed("unknown", rewrite.id, why, error.permanent)
        return Deed("rolled-back", rewrite.id, message("restoring/put-back", why=cause))

    def _reloaded(self, records: Sequence[RestoringRecord], deeds: tuple[Deed, ...]) -> tuple[Deed, ...]:
        """Make Prometheus take the previous files. What was put back and is not loaded is said."""
        for stage, proof_of in self._proofs.items():
            of_stage = [record for record in records if record.rewrite.stage == stage]
            if of_stage and (then := put_back(proof_of(of_stage), self._patience)):
                deeds = tuple(
                    replace(deed, why=message("restoring/and-then", why=deed.why, then=then)) if deed.why else deed
                    for deed in deeds
                )
        return deeds


def _invalid(records: Iterable[RestoringRecord]) -> Mapping[tuple[str, ...], str]:
    """What is wrong with the files that were there before, by the key of the record. No promtool is asked.

    Another version than the Prometheus that runs would refuse what that one takes.
    """
    return {record.key: said for record in records if (said := problem(record.rewrite.body_before))}


def send(objects: Objects, rewrite: Rewrite, requests: Iterable[ObjectWrite], now: StoredObject | None = None) -> None:
    """Send the requests, each on the version that the one before has made; the first on that of ``now``."""
    version, uid = (now.version, "") if now else (rewrite.version, rewrite.uid)
    for request in requests:
        after = objects.write(rewrite.id, request, version=version, uid=uid)
        version = after.version if after else ""
