"""Renders reports and writes them into their folder, also later than their run if they could not be written then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from maintainer.collect.sources import attempt
from maintainer.deliver.files import write_unsaved
from maintainer.errors import DeliveryFailed
from maintainer.faults import Faults
from maintainer.model.ledger import Entry
from maintainer.render.document import Document
from maintainer.render.formats import FORMATS, attached, file_name
from maintainer.render.stored import stored_document
from maintainer.render.words import Catalogue, load
from maintainer.report_folder import tidied
from maintainer.reporting import Shared


@dataclass(frozen=True, slots=True)
class Late:
    """The ``files`` of earlier reports that were written now, and why others still ``failed``."""

    files: tuple[Path, ...] = ()
    failed: tuple[DeliveryFailed, ...] = ()


def texts(worded: Document, catalogue: Catalogue, *, formats: Sequence[str], faults: Faults) -> Mapping[str, str]:
    """The rendered formats by file name; one that cannot be rendered is left out."""
    rendered = {
        format_: attempt(format_, partial(FORMATS[format_], worded, catalogue), faults.guard)[0] for format_ in formats
    }
    return {file_name(worded, format_): text for format_, text in rendered.items() if text}


def write_late(entry: Entry, shared: Shared) -> tuple[Path, ...]:
    """Write the report that the ledger has, in the language in which it was made; return the files.

    Raises :class:`DeliveryFailed`. A report that can no longer be read is in no file, and never will be.
    """
    settings, faults = shared.settings.reports, shared.faults
    try:
        worded = stored_document(entry.report)
    except ValueError:
        return ()
    catalogue = load(worded["language"])
    made = {**texts(worded, catalogue, formats=settings.formats, faults=faults), **attached(worded)}
    try:
        files = write_unsaved(settings.directory, made)
        tidied(made, settings, catalogue, guard=faults.guard)
    except DeliveryFailed as error:
        raise DeliveryFailed(
            f"{entry.job} for {entry.period}: {error}. The report is recorded, and the next maintainer run due tries "
            f"again; to read it now: maintainer report show {entry.job} {entry.period}"
        ) from error
    return files
