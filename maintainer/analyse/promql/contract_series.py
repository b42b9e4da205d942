"""What a series of the contract can look like for one version, and which of it a matcher lets through."""

import re
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

# What Python's and Go's regular expressions understand alike, on the contract's values (printable ASCII).
_ALIKE = re.compile(
    r"(?:\(\?i\))?(?:[\w .|:/+*?^$()-]|(?<=\()\?:|\[\^?[\w ]+(?:-\w)?[\w ]*\]|\\[.dwsDWSb+-])*", re.ASCII
)

_RISING = (0.0, inf)


@dataclass(frozen=True, slots=True)
class ContractSeries:
    """Everything that the series of one name can look like: their labels and the range of their values.

    ``later`` are labels that only later releases have, ``family`` is ``None`` for what a recording rule makes.
    """

    name: str
    family: Family | None
    labels: Mapping[str, Label]
    values: tuple[float, float] = (-inf, inf)
    later: Mapping[str, Release] = field(default_factory=dict)
    deprecated: bool = False
    never: bool = False

    @property
    def state(self) -> bool:
        """Whether there is a series for each phase, 0 or 1."""
        return self.family is not None and self.family.name in STATES


@cache
def exposed(version: Release | None) -> Mapping[str, ContractSeries]:
    """What a controller of this version exposes, by the name of the series; without what other programs expose too."""
    own = (family for family in families().values() if emitted_by(family.name, version))
    return {
        name: _series(name, family, version)
        for family in own
        if not SHARED.fullmatch(family.name)
        for name in family.series
    }


def selects(operator: str, value: str, values: Sequence[str]) -> bool:
    """Whether a matcher that is plainly written names something possible, and not all of it if it excludes it."""
    if operator[-1] != "~":
        hits = int(value in values)
    elif WORDS.fullmatch(value):
        hits = len({one for one in value.split("|") if one in values})
    else:
        return False
    return hits > 0 and (operator[0] == "=" or hits < len(values))


def passes(matcher: Matcher) -> ValueTest | None:
    """Which values a matcher lets through; ``None`` if that is not certain."""
    if matcher.variable or (matcher.regex and not _ALIKE.fullmatch(matcher.value)):
        return None
    return value_test(matcher.op, matcher.value, flags=re.ASCII)


def _series(name: str, family: Family, version: Release | None) -> ContractSeries:
    later = {
        label: detail.since
        for label, detail in family.details.items()
        if version and detail.since and detail.since > version
    }
    labels = {label: detail for label, detail in family.details.items() if label not in later}
    if name.endswith("_bucket"):
        labels["le"] = Label(_bounds(family.buckets)) if family.buckets else Label()
    deprecated = family.deprecated is not None and (version is None or version >= family.deprecated)
    return ContractSeries(name, family, labels, _range(family), later, deprecated)


def _range(family: Family) -> tuple[float, float]:
    if family.constant is not None:
        return family.constant, family.constant
    if family.name in STATES:
        return 0.0, 1.0
    rising = family.kind in {"counter", "histogram"} or family.name in {AVAILABLE, DESIRED, UPDATED}
    return _RISING if rising else (-inf, inf)


def _bounds(buckets: Iterable[float]) -> tuple[str, ...]:
    # Prometheus 3 and OpenMetrics write 1 as 1.0.
    written = (form for bound in buckets for form in (f"{bound:g}", f"{float(bound)}"))
    return (*dict.fromkeys(written), "+Inf")
