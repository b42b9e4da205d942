"""The same objects as an API server of another version has them: without defaults that came later, or with new ones."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.drift.objects import changes
from maintainer.model.drift import StoredObject
from tests.analyse.drift.builders import Pair, recorded

pytestmark = pytest.mark.extended

PAIRS = [pair for name in ("helm-4", "applied", "created", "kubectl-applied") for pair in recorded(name)]
NOT_DEFAULTED = ("metadata", "data", "binaryData", "stringData", "status")
Way = tuple[Any, ...]


def defaulted(desired: Any, live: Any, way: Way = ()) -> Iterator[Way]:
    """The ways to the fields that nobody declared, so that the API server has added them."""
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        for name, value in live.items():
            if not way and name in NOT_DEFAULTED:
                continue
            if name in desired:
                yield from defaulted(desired[name], value, (*way, name))
            else:
                yield (*way, name)
    elif isinstance(desired, list) and isinstance(live, list) and len(desired) == len(live):
        for index, (item, other) in enumerate(zip(desired, live, strict=True)):
            yield from defaulted(item, other, (*way, index))


def mappings(live: Any, way: Way = ()) -> Iterator[Way]:
    """The ways to the mappings of an object, in each of which a later version may have a field more."""
    if isinstance(live, Mapping):
        yield from [way] if way else []
        for name, value in live.items():
            if way or name not in NOT_DEFAULTED:
                yield from mappings(value, (*way, name))
    elif isinstance(live, list):
        for index, item in enumerate(live):
            yield from mappings(item, (*way, index))


def at(content: Any, way: Way) -> Any:
    for step in way:
        content = content[step]
    return content


def with_content(there: StoredObject, content: Mapping[str, Any]) -> StoredObject:
    return StoredObject(there.id, content, there.version, there.managers)


def test_the_recorded_objects_have_defaults_to_take_away() -> None:
    assert sum(len([*defaulted(wanted.content, there.content)]) for wanted, there in PAIRS) > 20


@settings(deadline=None)
@given(st.sampled_from(PAIRS), st.data())
def test_an_object_that_was_stored_before_a_default_existed_has_not_drifted(pair: Pair, data: st.DataObject) -> None:
    wanted, there = pair
    ways = sorted(defaulted(wanted.content, there.content), key=str)
    taken = data.draw(st.lists(st.sampled_from(ways), unique=True)) if ways else []
    older = deepcopy(dict(there.content))
    for way in taken:
        at(older, way[:-1]).pop(way[-1])

    assert changes(wanted, with_content(there, older)) == ()


@settings(deadline=None)
@given(st.sampled_from(PAIRS), st.data())
def test_a_default_that_a_later_version_adds_is_no_drift(pair: Pair, data: st.DataObject) -> None:
    wanted, there = pair
    ways = sorted(mappings(there.content), key=str)
    given_to = data.draw(st.lists(st.sampled_from(ways), unique=True)) if ways else []
    newer = deepcopy(dict(there.content))
    for way in given_to:
        at(newer, way)["newInAVersion"] = data.draw(st.sampled_from([True, 7, "Always", ["a"], {"b": "c"}]))

    assert changes(wanted, with_content(there, newer)) == ()
