"""Sentences as data: an id of the catalogue with its parameters, worded only when a report is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

Param = Union[str, int, float, "Message", tuple["Message", ...]]


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence that a reader will see, in no language yet.

    ``id`` names an entry of the catalogue; ``params`` are what the entry asks for, a parameter ``count`` also
    chooses between its singular and its plural. Parameters may be messages themselves.
    """

    id: str
    params: tuple[tuple[str, Param], ...] = ()

    @property
    def named(self) -> Mapping[str, Param]:
        """The parameters by name."""
        return dict(self.params)


def message(id_: str, **params: Param) -> Message:
    """A :class:`Message` with its parameters in a fixed order, so that equal sentences compare equal."""
    return Message(id_, tuple(sorted(params.items())))
