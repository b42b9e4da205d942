"""Samples keep what the month needs, in the archive's bytes too."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.accuracy.samples import (
    KIND,
    NAMED,
    Sample,
    as_data,
    differing,
    names,
    samples,
    without_accepted,
)
from maintainer.model.documents import ARCHIVE, read, written
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message
from maintainer.model.report import Acceptance, Finding, Subject
from tests.analyse.accuracy.sampled import at, sample


def kept(data: Mapping[str, Any], kind: str = KIND) -> ArchiveLine:
    return ArchiveLine("sandbox", kind, at(3), data)


def test_a_sample_is_read_from_the_archive_as_it_was_written() -> None:
    whole = replace(sample(at(3), "Rollout/a/b", undecided=["Rollout/a/c"], silent=[(at(2), at(2, 9))]), up=1, moving=2)
    (line,) = read(ARCHIVE, written(ARCHIVE, [kept(as_data(whole))]))
    assert samples([line]) == (whole,)


def test_lines_of_another_kind_are_no_samples() -> None:
    assert samples([kept(as_data(sample(at(3))), kind="episode")]) == ()


ODD: tuple[Mapping[str, Any], ...] = (
    {"compared": "many"},
    {"differing": [{}]},
    {"silent": [{"start": "x", "end": 1}]},
    {"looked": {"start": "2026-10-01T00:00:00", "end": "2026-10-02T00:00:00"}},
    {"silent": [{"start": "0001-01-01T00:00:00+14:00", "end": "9999-12-31T23:59:59-12:00"}]},
)


@pytest.mark.parametrize("data", ODD)
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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Sample)]) | st.text(), JSON, max_size=4))
def test_whatever_somebody_writes_into_the_archive_is_read(data: Mapping[str, Any]) -> None:
    (odd,) = samples([kept(data)])
    assert odd.at == at(3)


def test_what_is_accepted_is_taken_out_of_a_sample() -> None:
    taken = sample(at(3), "Rollout/a/b", "Rollout/a/c", not_checked=["coverage/ghost", "accuracy/phase"])
    accepted = (
        Acceptance("accuracy/phase", "Rollout/a/b", "known"),
        Acceptance("coverage/ghost", "", "known"),
        Acceptance("accuracy/phase", "Rollout/a/c", "over", until=date(2026, 10, 2)),
    )

    left = without_accepted(taken, accepted, date(2026, 10, 3))

    assert [found.subjects.first for found in left.differing] == [("Rollout/a/c",)]
    assert left.not_checked == ("accuracy/phase",)
    assert without_accepted(taken, accepted, date(2026, 10, 2)).differing == ()
