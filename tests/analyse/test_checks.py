"""The table of checks: what is a gap without which fact, and where the parts of a check are found by its id."""

from inspect import getmodule
from pathlib import Path

import pytest

from maintainer.analyse.checks import ACCURACY_CHECKS, CHECKS, PIPELINE_CHECKS, QUERY_CHECKS, READ_FROM, gaps_of
from maintainer.model.facts import Unavailable
from maintainer.model.message import message

ROOT = Path(__file__).parents[2]
WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")
FOLDERS = {
    "accuracy": "accuracy", "coverage": "accuracy", "pipeline": "pipeline",
    "label": "queries", "panel": "queries", "query": "queries",
}  # fmt: skip
ACCURACY = {f"accuracy/{name}" for name in ("meaning", "phase", "replicas", "strategy")}
QUERIES = {f"query/{name}" for name in ("always-true", "dead-selector", "deprecated", "error", "no-data")}
QUERIES |= {"query/unknown-label", "query/unknown-metric"}


def blocked(*sources: str) -> set[str]:
    return {gap.check for gap in gaps_of([Unavailable(source, WHY) for source in sources])}


@pytest.mark.parametrize("permanent", [True, False])
@pytest.mark.parametrize("fact", READ_FROM)
def test_a_fact_that_is_not_to_be_had_is_a_gap_of_each_check_that_needs_it(fact: str, *, permanent: bool) -> None:
    found = list(gaps_of([Unavailable(fact, WHY, permanent)]))

    assert {gap.check for gap in found} == {check.id for check in CHECKS.values() if fact in check.needs}
    assert {(gap.kind, gap.reason) for gap in found} == {("permanent" if permanent else "passing", WHY)}


def test_without_the_api_each_check_that_reads_it_is_a_gap() -> None:
    of_rollouts = ACCURACY | {"coverage/ghost", "coverage/missing", "coverage/unwatched", "panel/value"}
    of_rollouts |= {"pipeline/emitter"}
    of_facts = {f"pipeline/{name}" for name in ("endpoints", "rbac", "rules-loaded", "service", "version")}

    assert blocked("rollouts") == of_rollouts
    assert blocked("cluster") == of_rollouts | of_facts | QUERIES | {"pipeline/dashboard"}


def test_without_prometheus_only_what_is_asked_of_the_api_alone_remains() -> None:
    remaining = {"pipeline/dashboard", "pipeline/endpoints", "query/not-checked"}

    assert blocked("prometheus") == set(CHECKS) - remaining


def test_a_reason_that_is_given_twice_is_one_gap() -> None:
    twice = [Unavailable("cluster", WHY), Unavailable("cluster", WHY)]

    assert len(list(gaps_of(twice))) == len(blocked("cluster"))


def test_each_fact_is_needed_and_said_where_it_is_read() -> None:
    assert {fact for check in CHECKS.values() for fact in check.needs} == set(READ_FROM)


def test_no_check_stands_twice() -> None:
    assert len(CHECKS) == len((*ACCURACY_CHECKS, *PIPELINE_CHECKS, *QUERY_CHECKS))


@pytest.mark.parametrize("id_", CHECKS)
def test_a_check_is_found_by_its_id(id_: str) -> None:
    check, name = CHECKS[id_], id_.replace("/", "_").replace("-", "_")
    module = getmodule(check.finds)

    assert check.finds.__name__ == name
    assert check.gaps.__name__ in {f"{name}_gaps", "no_gaps"}
    assert module is not None
    assert module.__name__.startswith(f"maintainer.analyse.{FOLDERS[id_.partition('/')[0]]}.")
    assert (ROOT / "docs" / "checks" / f"{id_}.md").read_text("utf-8").startswith(f"# {id_}\n")
    assert f"`{id_}`" in (ROOT / "README.md").read_text("utf-8")
