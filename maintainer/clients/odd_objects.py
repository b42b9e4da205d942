"""Objects that are not as they should be: each costs itself, and not the list that it is in."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, get_args, get_type_hints

from maintainer.clients.decoding import BrokenAnswer, decoded
from maintainer.clients.objects import PartialObject, RawPage, RolloutStruct

T = TypeVar("T")
F = TypeVar("F")

OF_TENANTS = frozenset({"rollouts", "configmaps", "prometheusrules"})
"""The lists that still hold nothing false without one of their objects. That of all pods would."""
MOST = 20
"""A list with more such objects, or with no other, is not what the API gives."""


class OddObjects:
    """The objects that were left out: ``found`` has the reason by resource, namespace and name."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, tuple[str, str]], str] = {}

    def sound(self, body: bytes, type_: type[T], resource: str) -> T:
        """A page, decoded as ``type_``, without the objects that cannot be. Raises :class:`BrokenAnswer`."""
        try:
            return decoded(body, type_)
        except BrokenAnswer as error:
            item_types = get_args(get_type_hints(type_)["items"]) if resource in OF_TENANTS else ()
            if len(item_types) != 1:
                raise
            page, items, odd, first = decoded(body, RawPage), [], 0, error
        for item in page.items:
            try:
                items.append(decoded(item, item_types[0]))
            except BrokenAnswer as error:
                named = decoded(item, PartialObject).metadata
                self.found[resource, (named.namespace, named.name)] = str(error)
                odd += 1
            if max(odd, len(self.found)) > MOST:
                raise first
        if not items:
            raise first
        return type_(page.metadata, items)  # type: ignore[call-arg]  # every page type has these two fields

    def facts(self, of: Callable[[RolloutStruct], F], structs: Iterable[RolloutStruct]) -> Iterator[F]:
        """What ``of`` makes of each Rollout, without those for which it raises :class:`BrokenAnswer`."""
        for struct in structs:
            try:
                yield of(struct)
            except BrokenAnswer as error:
                self.found["rollouts", (struct.metadata.namespace, struct.metadata.name)] = str(error)
