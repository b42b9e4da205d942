"""A sample of the accuracy: what a short comparison found, as it is kept in the archive and read from it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from maintainer.model.ledger import ArchiveLine
from maintainer.model.report import Acceptance, Finding, Json

KIND = "accuracy"
"""The kind of the archive's lines that hold a sample."""

NAMED = 50
"""The most subjects that a sample names of a difference."""

ALL = "*"

Seen = Literal["there", "gone", "unknown"]


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A time from ``start`` to before ``end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Names:
    """How many there are, and the first ``NAMED`` of them in order."""

    count: int = 0
    first: tuple[str, ...] = ()

    def of(self, name: str) -> Seen:
        """Whether the name is among them; those behind the last that is named are not known."""
        if name in self.first:
            return "there"
        return "unknown" if self.count > len(self.first) and name > max(self.first, default="") else "gone"


@dataclass(frozen=True, slots=True)
class Differing:
    """The subjects that differ in the same way; check, cause and subject say which difference it is."""

    check: str
    cause: str
    subjects: Names


@dataclass(frozen=True, slots=True)
class Sample:
    """What was found at a time.

    ``agreeing`` of ``compared`` Rollouts agreed. ``undecided`` are Rollouts that were not compared, such as those that
    moved. ``not_checked`` are the ids of checks that could not run, or :data:`ALL`, and ``lacking`` what they lacked.
    Of the time ``looked``, nothing was scraped in the stretches ``silent``; ``None`` is not known.
    """

    at: datetime
    compared: int = 0
    agreeing: int = 0
    moving: int = 0
    undecided: Names = Names()
    differing: tuple[Differing, ...] = ()
    not_checked: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    up: int = 0
    down: int = 0
    looked: Stretch | None = None
    silent: tuple[Stretch, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether every check could run."""
        return not self.not_checked

    def seen(self, check: str, cause: str, subject: str) -> Seen:
        """Whether a subject differed in this way. What could not be looked at is not gone."""
        found = [
            differing.subjects for differing in self.differing if (differing.check, differing.cause) == (check, cause)
        ]
        listed = found[0].of(subject) if found else "gone"
        if listed == "gone" and ({check, ALL} & {*self.not_checked} or self.undecided.of(subject) != "gone"):
            return "unknown"
        return listed


def names(all_names: Iterable[str]) -> Names:
    """The names as a sample keeps them."""
    ordered = sorted(set(all_names))
    return Names(len(ordered), tuple(ordered[:NAMED]))


def differing(findings: Iterable[Finding]) -> tuple[Differing, ...]:
    """The findings as a sample keeps them."""
    by_cause: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        by_cause.setdefault((finding.check, finding.cause), []).extend(map(str, finding.subjects))
    return tuple(Differing(*which, names(subjects)) for which, subjects in sorted(by_cause.items()))


def without_accepted(sample: Sample, acceptances: Iterable[Acceptance], today: date) -> Sample:
    """The sample without what the settings accept: differences of subjects, and checks that could not run."""
    accepted = {(each.check, each.subject) for each in acceptances if each.holds(each.check, today)}
    left = (
        _without(found, {subject for check, subject in accepted if check == found.check}) for found in sample.differing
    )
    return replace(
        sample,
        differing=tuple(found for found in left if found.subjects.count),
        not_checked=tuple(check for check in sample.not_checked if (check, "") not in accepted),
    )


def _without(found: Differing, accepted: Collection[str]) -> Differing:
    first = tuple(name for name in found.subjects.first if name not in accepted)
    return replace(found, subjects=Names(found.subjects.count - len(found.subjects.first) + len(first), first))


def as_data(sample: Sample) -> Mapping[str, Json]:
    """The sample as the archive keeps it, beside its time."""
    data: dict[str, Json] = msgspec.to_builtins(sample)
    del data["at"]
    return data


def samples(lines: Iterable[ArchiveLine]) -> tuple[Sample, ...]:
    """The samples in the lines, in order. A line that is not understood is a sample that could look at nothing."""
    return tuple(sorted((_sample(line) for line in lines if line.kind == KIND), key=lambda sample: sample.at))


def _sample(line: ArchiveLine) -> Sample:
    at = line.at.astimezone(UTC)
    try:
        sample = msgspec.convert({**line.data, "at": at}, Sample)
        looked, silent = sample.looked and _in_utc(sample.looked), tuple(map(_in_utc, sample.silent))
    except (ValueError, OverflowError):  # also what msgspec raises
        return Sample(at, not_checked=(ALL,), lacking=("sample",))
    return replace(sample, looked=looked, silent=silent)


def _in_utc(stretch: Stretch) -> Stretch:
    """The stretch in one zone: Python compares times of the same zone by what a clock there shows.

    Raises ``ValueError`` or ``OverflowError`` for times that have no zone, or none in UTC.
    """
    if stretch.start.tzinfo is None or stretch.end.tzinfo is None:
        raise ValueError("a time without a zone")
    return Stretch(stretch.start.astimezone(UTC), stretch.end.astimezone(UTC))
