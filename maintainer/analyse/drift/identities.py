"""The items of lists by their names: which item of one list is which of the other, also in another order."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from maintainer.model.report import Json

IDENTITIES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # Prometheus, Alertmanager and Grafana
    "groups": (("name",),),
    "rules": (
        ("alert",),
        ("record",),
        ("resources", "apiGroups", "resourceNames"),
        ("nonResourceURLs",),
        ("apiGroups",),
    ),
    "scrape_configs": (("job_name",),),
    "receivers": (("name",),),
    "datasources": (("name",),),
    "providers": (("name",),),
    "panels": (("id",), ("title",)),
    "targets": (("refId",),),
    "list": (("name",),),
    # Kubernetes, by what its API keys these lists; a name tells ports apart as well, and says more.
    "containers": (("name",),),
    "initContainers": (("name",),),
    "env": (("name",),),
    "volumes": (("name",),),
    "volumeMounts": (("mountPath",),),
    "imagePullSecrets": (("name",),),
    "ports": (("name",), ("containerPort", "protocol"), ("port", "protocol")),
    "subjects": (("kind", "namespace", "name"),),
}  # fmt: skip
"""By the field that holds a list: the fields that tell its items apart. The next ones are for what is left by those
before. Any other list is compared in its order."""

FLAGS = frozenset(("args", "command"))
"""Fields that hold flags of a program."""

SETS = frozenset(("apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"))
"""Fields that hold texts whose order means nothing."""

_FLAG: tuple[str, ...] = ("arg",)
_DEFAULTS: Mapping[str, str] = {"protocol": "TCP"}


class Pair(NamedTuple):
    """An item of both lists, or of one of them; ``step`` is its name as a step of a path."""

    step: str
    desired: Json
    live: Json
    side: Literal["both", "desired", "live"]


def pairs(field: str, desired: Sequence[Json], live: Sequence[Json]) -> list[Pair] | None:
    """The items of two lists by their names: first those of ``desired``, then what only ``live`` has.

    ``None`` where the items of this field have no names, so that only their order tells them apart.
    """
    kinds = (_FLAG,) if field in FLAGS else IDENTITIES.get(field, ())
    if not all(any(_identity(item, names) for names in kinds) for item in (*desired, *live)):
        return None
    partner: dict[int, int] = {}
    for names in kinds:
        partner |= _partners(_unmatched(desired, names, partner), _unmatched(live, names, set(partner.values())))
    free = set(range(len(live))).difference(partner.values())
    left = [live[index] for index in sorted(free)]
    steps = iter(_numbered([_step(item, kinds) for item in (*desired, *left)]))
    found = [
        Pair(next(steps), item, live[partner[index]], "both")
        if index in partner
        else Pair(next(steps), item, None, "desired")
        for index, item in enumerate(desired)
    ]
    return found + [Pair(next(steps), None, item, "live") for item in left]


def _identity(item: Json, names: tuple[str, ...]) -> str:
    """What these fields of an item say together; "" if it lacks the first of them."""
    if names == _FLAG:
        return item.partition("=")[0] if isinstance(item, str) and item.startswith("-") else ""
    if not isinstance(item, Mapping) or item.get(names[0]) in (None, "", [], ()):
        return ""
    return "/".join(filter(None, (_said(item.get(name), name) for name in names)))


def _said(value: Json, name: str) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(sorted(map(str, value)))
    return _DEFAULTS.get(name, "") if value in (None, "") else str(value)


def _step(item: Json, kinds: Sequence[tuple[str, ...]]) -> str:
    return next(f"{names[0]}={identity}" for names in kinds if (identity := _identity(item, names)))


_Unmatched = Mapping[str, Sequence[tuple[int, Json]]]
"""Items that have no partner yet, with their indexes, by their names."""


def _unmatched(items: Sequence[Json], names: tuple[str, ...], matched: Collection[int]) -> _Unmatched:
    found: defaultdict[str, list[tuple[int, Json]]] = defaultdict(list)
    for index, item in enumerate(items):
        if index not in matched and (identity := _identity(item, names)):
            found[identity].append((index, item))
    return found


def _partners(desired: _Unmatched, live: _Unmatched) -> Mapping[int, int]:
    """The index in the live list for each in the other. Of items with the same name, equal ones belong together."""
    return {
        index: other
        for identity, wanted in desired.items()
        for index, other in _of_a_name(wanted, live.get(identity, ()))
    }


def _of_a_name(wanted: Sequence[tuple[int, Json]], offered: Sequence[tuple[int, Json]]) -> Iterator[tuple[int, int]]:
    if len(wanted) == len(offered) == 1:
        yield wanted[0][0], offered[0][0]
        return
    equal: defaultdict[str, list[int]] = defaultdict(list)
    for other, item in reversed(offered):
        equal[_fingerprint(item)].append(other)
    unlike = []
    for index, item in wanted:
        same = equal[_fingerprint(item)]
        if same:
            yield index, same.pop()
        else:
            unlike.append(index)
    yield from zip(unlike, sorted(other for rest in equal.values() for other in rest), strict=False)


def _fingerprint(item: Json) -> str:
    return json.dumps(item, sort_keys=True, default=str)


def _numbered(steps: Sequence[str]) -> list[str]:
    """The steps, with a number behind a name that was there before: ``alert=Down``, ``alert=Down#2``."""
    seen: defaultdict[str, int] = defaultdict(int)
    found = []
    for step in steps:
        seen[step] += 1
        found.append(step if seen[step] == 1 else f"{step}#{seen[step]}")
    return found
