"""How a step of a job is kept from ending the whole run."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Guard(Protocol):
    """The type of :meth:`maintainer.faults.Faults.guard`, which the layers below the runner get as an argument."""

    def __call__(self, step: Callable[[], T], /) -> T:
        """The result of the step. A fault of this program in it is raised as :class:`SourceUnavailable`."""


def unguarded(step: Callable[[], T]) -> T:
    """The result of the step, whose exceptions pass."""
    return step()
