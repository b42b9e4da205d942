"""Samples keep what the month needs, in the archive's bytes too."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from maintainer.analyse.accuracy.samples import KIND, NAMED, Sample, as_data, differing, names, samples
from maintainer.model.documents import ARCHIVE, read, written
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject
from tests.analyse.accuracy.sampled import at, sample


def kept(data: Mapping[str, Any], kind: str = KIND) -> ArchiveLine:
    return ArchiveLine("sandbox", kind, at(3), data)


def test_a_sample_is_read_from_the_archive_as_it_was_written() -> None:
    whole = replace(sample(at(3), "Rollout/a/b", undecided=["Rollout/a/c"], silent=[(at(2), at(2, 9))]), up=1, moving=2)
    (line,) = read(ARCHIVE, written(ARCHIVE, [kept(as_data(whole))]))
    assert samples([line]) == (whole,)


def test_lines_of_another_kind_are_no_samples() -> None:
    assert samples([kept(as_data(sample(at(3))), kind="episode")]) == ()


@pytest.mark.parametrize("data", [{"compared": "many"}, {"differing": [{}]}, {"silent": [{"start": "x", "end": 1}]}])
def test_a_line_that_is_not_understood_is_never_a_good_day(data: Mapping[str, Any]) -> None:
    (odd,) = samples([kept(data)])
    assert (odd.at, odd.comparable, odd.seen("accuracy/phase", "drift", "Rollout/a/b")) == (at(3), False, "unknown")


def test_the_names_of_a_large_difference_are_bounded_and_counted() -> None:
    made = names(f"Rollout/a/{number:03}" for number in range(NAMED + 10))
    assert (made.count, len(made.first)) == (NAMED + 10, NAMED)
    assert (made.of("Rollout/a/000"), made.of("Rollout/a/055")) == ("there", "unknown")


def test_findings_of_one_check_and_cause_are_one_difference() -> None:
    def found(name: str, cause: str) -> Finding:
        return Finding("accuracy/phase", "error", (Subject("Rollout", "a", name),), cause, message("x"), message("x"))

    made = differing([found("b", "drift"), found("a", "drift"), found("c", "other")])
    assert [(one.cause, one.subjects.first) for one in made] == [
        ("drift", ("Rollout/a/a", "Rollout/a/b")),
        ("other", ("Rollout/a/c",)),
    ]


def test_a_sample_of_nothing_is_comparable_if_nothing_is_lacking() -> None:
    assert Sample(at(3)).comparable
    assert not sample(at(3), not_checked=["accuracy/phase"]).comparable
