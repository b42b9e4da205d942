"""The files of a Helm chart as they stand in a repository, and what was changed in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.model.facts import Unavailable
from maintainer.model.message import Message


@dataclass(frozen=True, slots=True)
class Chart:
    """The texts of a chart's files by their paths in it.

    ``folder`` is the chart's path, ``prefix`` the same as seen from the top of the repository, "" or with a ``/`` at
    its end.
    """

    folder: str
    prefix: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Adoption:
    """What of the cluster goes into a chart: the new texts by path, and what to say of it.

    ``placed`` are the changes that the texts have, ``left`` those that they have not, with the
    reasons, and ``already`` counts those that the chart has without it.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    placed: tuple[Message, ...] = ()
    left: tuple[Message, ...] = ()
    already: int = 0
    unavailable: tuple[Unavailable, ...] = ()
