"""Messages as data: the id of a sentence in the catalogue, and its parameters. The rendering makes the text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

Param = Union[str, int, float, "Message", tuple["Message", ...]]


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for the reader of a report, independent of the report's language.

    ``id`` is an entry of the catalogue, and ``params`` are the parameters of this entry as (name, value). A parameter
    ``count`` also selects the singular or the plural. Parameters may be messages themselves.
    """

    id: str
    params: tuple[tuple[str, Param], ...] = ()

    @property
    def named(self) -> Mapping[str, Param]:
        """The parameters by name."""
        return dict(self.params)


def message(id_: str, **params: Param) -> Message:
    """A :class:`Message` with its parameters sorted by name, so that equal messages compare equal."""
    return Message(id_, tuple(sorted(params.items())))
