"""What a store can do: keep named documents of bytes, each with a version, and keep two runs apart."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

MOST_ASIDE = 9
"""The most documents that can be set aside before a person has to look at them."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The content of a document, and its version, which another content never has."""

    content: bytes
    version: str


class Conflict(Exception):
    """The document has another version than was expected: somebody else has written it."""


class LockHeld(Exception):
    """Another run holds the lock; ``holder`` says which."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class Store(Protocol):
    """Documents by their names, such as ``ledger``. All methods raise :class:`SourceUnavailable`."""

    @property
    def place(self) -> str:
        """Where the documents are, for a reader."""

    @property
    def own(self) -> bool:
        """Whether the store belongs to one cluster, and so holds what is about that one only."""

    def load(self, name: str) -> Stored | None:
        """The document; ``None`` if it does not exist."""

    def save(self, name: str, content: bytes, expected: str | None) -> None:
        """Write the document, whole or not at all.

        Raises :class:`Conflict` if its version is not the expected one; ``None`` expects that it does not exist.
        """

    def delete(self, name: str, expected: str) -> None:
        """Remove the document. Raises :class:`Conflict` if its version is not the expected one."""

    def set_aside(self, name: str, expected: str) -> str:
        """Keep a copy of the document under another name, which is returned, before it is overwritten.

        Raises :class:`Conflict` if its version is not the expected one.
        """

    def lock(self, holder: str) -> AbstractContextManager[None]:
        """Keep other runs out of the store; ``holder`` tells them who does. Raises :class:`LockHeld`."""

    def close(self) -> None:
        """Close the connections."""
