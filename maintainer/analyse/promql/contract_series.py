"""The series that a controller of a version can expose, and which values of their labels a matcher lets through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf

from maintainer.analyse.promql.tokens import Matcher
from maintainer.model.contract import (
    AVAILABLE,
    DESIRED,
    SHARED,
    STATES,
    UPDATED,
    Family,
    Label,
    Release,
    emitted_by,
    families,
)
from maintainer.model.matchers import WORDS, ValueTest, value_test

_RISING = (0.0, inf)


@dataclass(frozen=True, slots=True)
class ContractSeries:
    """What the series of a name can look like: their labels, and the lowest and highest of their ``values``.

    ``family`` is ``None`` for the series of a recording rule. ``later`` are labels that only later releases have.
    ``never``: a recording rule that never records anything. ``always_and_never`` are the labels that every series of a
    family has, and those of the controller's other families that none has.
    """

    name: str
    family: Family | None
    labels: Mapping[str, Label]
    values: tuple[float, float] = (-inf, inf)
    later: Mapping[str, Release] = field(default_factory=dict)
    deprecated: bool = False
    never: bool = False
    always_and_never: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

    @property
    def state(self) -> bool:
        """Whether the family has a series for each phase, with the value 0 or 1."""
        return self.family is not None and self.family.name in STATES


@cache
def exposed(version: Release | None) -> Mapping[str, ContractSeries]:
    """The series of a controller of this version by name, without those that other programs expose too."""
    emitted = (family for family in families().values() if emitted_by(family.name, version))
    return {
        name: _series(name, family, version)
        for family in emitted
        if not SHARED.fullmatch(family.name)
        for name in family.series
    }


def surely_selects(operator: str, value: str, values: Sequence[str]) -> bool:
    """Whether a matcher certainly selects some of a label's possible values; a negative one must leave some as well.

    A regular expression counts only where it lists words that are all possible.
    """
    if operator[-1] != "~":
        hits = int(value in values)
    elif WORDS.fullmatch(value):
        words = set(value.split("|"))
        hits = len(words) if words.issubset(values) else 0
    else:
        return False
    return hits > 0 and (operator[0] == "=" or hits < len(values))


def certain_test(matcher: Matcher) -> ValueTest | None:
    """A test of the values that a matcher lets through; ``None`` if that is not certain."""
    return None if matcher.variable else value_test(matcher.op, matcher.value)


def _series(name: str, family: Family, version: Release | None) -> ContractSeries:
    later = {
        name: label.since for name, label in family.details.items() if version and label.since and label.since > version
    }
    labels = {name: label for name, label in family.details.items() if name not in later}
    if name.endswith("_bucket"):
        labels["le"] = Label(_bucket_bounds(family.buckets)) if family.buckets else Label()
    deprecated = family.deprecated is not None and (version is None or version >= family.deprecated)
    always = frozenset(name for name, label in labels.items() if not label.optional)
    never = _all_labels() - labels.keys()
    return ContractSeries(
        name, family, labels, _value_limits(family), later, deprecated, always_and_never=(always, never)
    )


@cache
def _all_labels() -> frozenset[str]:
    return frozenset(label for family in families().values() for label in family.labels) | {"le"}


def _value_limits(family: Family) -> tuple[float, float]:
    if family.constant is not None:
        return family.constant, family.constant
    if family.name in STATES:
        return 0.0, 1.0
    rising = family.kind in {"counter", "histogram"} or family.name in {AVAILABLE, DESIRED, UPDATED}
    return _RISING if rising else (-inf, inf)


def _bucket_bounds(buckets: Iterable[float]) -> tuple[str, ...]:
    # Prometheus 3 and OpenMetrics write 1 as 1.0.
    written = (form for bound in buckets for form in (f"{bound:g}", f"{float(bound)}"))
    return (*dict.fromkeys(written), "+Inf")
