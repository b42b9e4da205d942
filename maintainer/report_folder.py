"""Keeps the folder of reports in order: the page about them, and no more of them than the settings keep."""

from collections.abc import Iterable
from functools import partial

from maintainer.collect.sources import attempt
from maintainer.deliver.files import contents_of, names_in, remove_files, write_over
from maintainer.errors import DeliveryFailed
from maintainer.model.guard import Guard
from maintainer.model.ledger import LONGEST_REPORT
from maintainer.model.message import Message, message
from maintainer.render.folder_index import GENERATED, INDEX, folder_index, json_names, outdated
from maintainer.render.words import Catalogue
from maintainer.settings_results import ReportSettings

ATTEMPTS = 3
"""How often the page is written again because another run has added a report meanwhile."""


def tidied(
    written: Iterable[str], settings: ReportSettings, catalogue: Catalogue, *, guard: Guard
) -> tuple[Message, ...]:
    """Remove what is not kept beside the reports that were just written, and write the page about all that are there.

    Returns what a person should know. Raises :class:`DeliveryFailed`.
    """
    written = tuple(written)
    try:
        for name in written:
            remove_files(settings.directory, outdated(names_in(settings.directory), name, settings.keep))
        return _indexed(settings.directory, catalogue, guard) if written else ()
    except OSError as error:
        why = error.strerror or error
        problem = f"the report is in {settings.directory}, but the other reports there could not be put in order"
        raise DeliveryFailed(f"{problem} ({why})") from error


def _indexed(directory: str, catalogue: Catalogue, guard: Guard) -> tuple[Message, ...]:
    for _ in range(ATTEMPTS):
        names = names_in(directory)
        contents = contents_of(directory, json_names(names), limit=LONGEST_REPORT)
        page, _why = attempt("index", partial(folder_index, names, contents, catalogue), guard)
        if page is None:  # a fault of this program, which the guard tells
            return ()
        if not write_over(directory, INDEX, page, ours=GENERATED):
            return (message("report/index.foreign", name=INDEX, folder=directory),)
        if {INDEX, *names_in(directory)} == {INDEX, *names}:
            break
    return ()
