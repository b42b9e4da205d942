"""Writes the changes of an object into a chart: each at the first place where the rendered chart proves it right."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from maintainer.analyse.adopt.candidates import Candidate, candidates
from maintainer.analyse.adopt.drifted import Drifted
from maintainer.analyse.adopt.proof import Judge, Rendered, identity
from maintainer.analyse.adopt.siblings import siblings
from maintainer.model.drift import Change, ObjectId
from maintainer.model.message import Message, message
from maintainer.model.secret_text import HIDDEN

Render = Callable[[Mapping[str, str]], Rendered | None]
"""What a chart renders with the texts of these files; ``None`` if it cannot be rendered with them."""


@dataclass
class Placing:
    """The ``files`` of a chart with the changes that were placed so far, and what is to be said of each change."""

    files: dict[str, str]
    render: Render
    judge: Judge
    placed: list[Message] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    already: int = 0

    @cached_property
    def _rendered(self) -> Rendered:
        return self.render(self.files) or {}

    def take(self, drifted: Drifted) -> None:
        """Place the changes of an object that the chart renders; those that the chart has already are done."""
        id_ = drifted.desired.id
        for change in drifted.changes if id_ in self._rendered else ():
            there = self.judge.left(self._rendered[id_])
            if identity(change) in there:
                self._place(id_, change)
            elif any((other.key, other.path) == (change.key, change.path) for other in there.values()):
                self.left.append(message("adopt/both", object=str(id_.subject), place=change.place))
            elif not self.placed:
                self.already += 1

    def _place(self, id_: ObjectId, change: Change) -> None:
        name, place = str(id_.subject), change.place
        if HIDDEN in f"{change.live}{change.desired}":
            self.left.append(message("adopt/secret", object=name, place=place))
            return
        found, shared = self._proven(id_, change)
        if found:
            self.files[found.path] = found.text
            self.placed.append(message("adopt/placed", object=name, place=place, file=found.path, where=found.place))
            del self._rendered
        elif shared:
            self.left.append(message("adopt/shared", object=name, place=place, others=", ".join(shared)))
        else:
            self.left.append(message("adopt/no-place", object=name, place=place))

    def _proven(self, id_: ObjectId, change: Change) -> tuple[Candidate | None, Iterable[str]]:
        """The first candidate that is right; without one, what else the best of them would have changed."""
        shared: Iterable[str] = ()
        for candidate in candidates(change, self.files, siblings(change, self._rendered[id_])):
            after = self.render({**self.files, candidate.path: candidate.text})
            proof = self.judge.proof(self._rendered, after, id_, change) if after else None
            if proof and proof.fits:
                return candidate, ()
            shared = shared or (proof.others if proof else ())
        return None, shared
