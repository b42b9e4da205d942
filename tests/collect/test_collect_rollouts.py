"""Which scrapes a bracket may be made of."""

from maintainer.collect.rollouts import new_scrapes
from maintainer.model.facts import Bracket, Reading, labels

A, B = labels({"job": "argo-rollouts", "instance": "a"}), labels({"job": "argo-rollouts", "instance": "b"})


def read_at(at: float) -> Bracket:
    return Bracket(before={}, after={}, namespaces=None, readings=(Reading(A, at, {}),))


def test_a_scrape_must_be_newer_than_the_list() -> None:
    assert new_scrapes({A: 100.0, B: 100.5}, [], since=100.0) == {B: 100.5}


def test_a_scrape_that_a_bracket_has_read_confirms_nothing() -> None:
    assert new_scrapes({A: 130.0, B: 130.0}, [read_at(130.0)], since=100.0) == {B: 130.0}
    assert new_scrapes({A: 131.0}, [read_at(115.0), read_at(130.0)], since=100.0) == {A: 131.0}
