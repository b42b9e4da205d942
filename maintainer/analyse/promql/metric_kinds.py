"""What the name of a metric says of its kind, so that no metric is taken for one of another kind."""

from collections.abc import Collection, Mapping
from typing import Literal

from maintainer.model.contract import Family

Kind = Literal["bucket", "count", "sum", "total", "time", "seconds", "gauge", ""]

_CLAIMS: Mapping[str, Kind] = {
    "_bucket": "bucket",
    "_count": "count",
    "_sum": "sum",
    "_total": "total",
    "_created": "time",
    "_time": "time",
    "_timestamp": "time",
    "_time_seconds": "time",
    "_timestamp_seconds": "time",
    "_ms": "seconds",
    "_milliseconds": "seconds",
    "_seconds": "seconds",
}


def claimed_kind(name: str) -> Kind:
    """The kind that the end of a name promises; "" where it promises none."""
    last = name.rfind("_")
    before = name.rfind("_", 0, max(last, 0))
    return _CLAIMS.get(name[before:]) or _CLAIMS.get(name[last:], "")


def kind_of(name: str, family: Family) -> Kind:
    """The kind of a series of a family; "seconds" is a histogram's own name, which has no series."""
    if family.kind == "histogram":
        return "seconds" if name == family.name else claimed_kind(name)
    return "total" if family.kind == "counter" else "gauge"


def same_kind(name: str, right: str, family: Family) -> bool:
    """Whether a name that does not exist can be meant for this series of a family."""
    return claimed_kind(name) in {"", kind_of(right, family)}


def one_letter_off(name: str, right: str) -> bool:
    """Whether a letter was added, removed or changed, or two neighbours have changed places."""
    if name == right or abs(len(name) - len(right)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(name, right, strict=False)) if a != b), min(len(name), len(right)))
    rest, other = name[start:], right[start:]
    swapped = len(rest) > 1 and rest[1::-1] + rest[2:] == other
    return swapped or rest[1:] == other or rest == other[1:] or rest[1:] == other[1:]


def distance(name: Collection[str], other: Collection[str]) -> int:
    """The Levenshtein distance: letters to add, remove or change to get from a name to the other."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(name, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
