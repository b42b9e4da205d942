"""Ends what a run began that was killed: what was written is proven, or put back."""

from collections.abc import Sequence

from maintainer.clients.api_request import ObjectChanged
from maintainer.deliver.putting_back import PuttingBack, send
from maintainer.deliver.resuming import is_untouched, left_to_write
from maintainer.deliver.written_to import Notes, Objects
from maintainer.model.message import message
from maintainer.model.restoring import Deed, RestoringRecord, Stage


def recovered(
    records: Sequence[RestoringRecord], stage: Stage, *, objects: Objects, notes: Notes, back: PuttingBack
) -> tuple[Deed, ...]:
    """What became of the objects of a stage that was left open. Raises :class:`SourceUnavailable`."""
    if any(record.progress == "rolling-back" for record in records):
        return back.rolled_back(records, message("restoring/killed"))
    looked_at = [(record, objects.read(record.rewrite.id)) for record in records]
    if all(is_untouched(record.rewrite, now) for record, now in looked_at):
        notes.note(records, "left")
        return ()
    written: list[RestoringRecord] = []
    deeds: list[Deed] = []
    for record, now in looked_at:
        try:
            if (missing := left_to_write(record.rewrite, now)) is None:
                raise ObjectChanged
            send(objects, record.rewrite, missing, now)
        except ObjectChanged:
            notes.note([record], "left")
            deeds.append(Deed("changed", record.rewrite.id, message("restoring/changed")))
        else:
            written.append(record)
    return (*deeds, *back.proven(written, stage))
