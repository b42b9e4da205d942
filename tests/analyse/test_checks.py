"""The table of checks: needed facts, severities, the faults that checks find, and the names of their parts."""

from dataclasses import replace
from inspect import getmodule
from pathlib import Path

import pytest

from maintainer.analyse.checks import (
    ACCURACY_CHECKS,
    ALERT_CHECKS,
    CARDINALITY_CHECKS,
    CHECKS,
    DRIFT_CHECKS,
    HARVEST_CHECKS,
    OF_QUARTER,
    PIPELINE_CHECKS,
    QUERY_CHECKS,
    READ_FROM,
    STORAGE_CHECKS,
    TUNING_CHECKS,
    gaps_of,
)
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.report import SEVERITIES
from tests.analyse.faults import FAULTS, MORE_SEVERE, fault_finding, findings, only_finding

ROOT = Path(__file__).parents[2]
WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")
FOLDERS = {
    "accuracy": "accuracy", "controller": "accuracy", "coverage": "accuracy", "pipeline": "pipeline",
    "label": "queries", "panel": "queries", "query": "queries", "drift": "drift",
    "retention": "storage", "storage": "storage", "cardinality": "storage", "alert": "alerts",
}  # fmt: skip
ACCURACY = {f"accuracy/{name}" for name in ("meaning", "phase", "replicas", "strategy")} | {"controller/stale-cache"}
QUERIES = {f"query/{name}" for name in ("always-true", "dead-selector", "deprecated", "error", "no-data")}
QUERIES |= {"query/unknown-label", "query/unknown-metric"}
DRIFT = {check.id for check in DRIFT_CHECKS}
HARVEST = {check.id for check in HARVEST_CHECKS}
ALERTS = {check.id for check in OF_QUARTER}
STORAGE = {check.id for check in STORAGE_CHECKS} | {check.id for check in CARDINALITY_CHECKS}
NEVER_A_FINDING = {"query/not-checked"}
"""In a report, what this check cannot check is a gap; only ``maintainer lint`` shows it with a severity."""


def blocked(*sources: str) -> set[str]:
    return {gap.check for gap in gaps_of([Unavailable(source, WHY) for source in sources])}


@pytest.mark.parametrize("permanent", [True, False])
@pytest.mark.parametrize("fact", READ_FROM)
def test_an_unavailable_fact_is_a_gap_of_each_check_that_needs_it(fact: str, *, permanent: bool) -> None:
    gaps = list(gaps_of([Unavailable(fact, WHY, permanent)]))

    assert {gap.check for gap in gaps} == {check.id for check in CHECKS.values() if fact in check.needs}
    assert {(gap.kind, gap.reason) for gap in gaps} == {("permanent" if permanent else "passing", WHY)}


def test_without_the_api_each_check_that_reads_it_is_a_gap() -> None:
    of_rollouts = ACCURACY | {"coverage/ghost", "coverage/missing", "coverage/unwatched", "panel/value"}
    of_rollouts |= {"pipeline/emitter"}
    of_facts = {f"pipeline/{name}" for name in ("endpoints", "rbac", "rules-loaded", "selected", "service", "version")}

    assert blocked("rollouts") == of_rollouts
    of_facts |= {"pipeline/dashboard", "storage/headroom", "cardinality/top"}
    assert blocked("cluster") == of_rollouts | of_facts | QUERIES | DRIFT


def test_without_prometheus_only_checks_that_do_not_read_it_remain() -> None:
    remaining = {"pipeline/dashboard", "pipeline/endpoints", "pipeline/selected", "query/not-checked"}
    remaining |= DRIFT - {"drift/not-loaded"} | ALERTS

    assert blocked("prometheus") == set(CHECKS) - remaining


def test_a_job_has_gaps_of_its_own_checks_only() -> None:
    gaps = gaps_of([Unavailable("cluster", WHY)], DRIFT_CHECKS)

    assert {gap.check for gap in gaps} == DRIFT


def test_a_repeated_reason_is_a_single_gap() -> None:
    repeated = [Unavailable("cluster", WHY), Unavailable("cluster", WHY)]

    assert len(list(gaps_of(repeated))) == len(blocked("cluster"))


def test_the_sources_of_exactly_the_needed_facts_are_listed() -> None:
    assert {fact for check in CHECKS.values() for fact in check.needs} == set(READ_FROM)


def test_the_ids_of_checks_differ() -> None:
    tables = (
        ACCURACY_CHECKS,
        PIPELINE_CHECKS,
        QUERY_CHECKS,
        DRIFT_CHECKS,
        STORAGE_CHECKS,
        HARVEST_CHECKS,
        ALERT_CHECKS,
        TUNING_CHECKS,
        CARDINALITY_CHECKS,
    )
    assert len(CHECKS) == sum(map(len, tables))


@pytest.mark.parametrize("id_", FAULTS)
def test_each_fault_is_a_single_finding_of_its_check(id_: str) -> None:
    finding = fault_finding(id_)

    assert id_ in {finding.check, f"{finding.check}/{finding.cause}"}
    assert finding.severity == FAULTS[id_].severity
    assert finding.state == "new"
    assert finding.subjects
    assert finding.evidence
    assert finding.reproduce


def test_the_fingerprints_of_all_faults_differ() -> None:
    assert len({fault_finding(id_).fingerprint for id_ in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("id_", FAULTS)
def test_a_fingerprint_does_not_depend_on_the_order_of_facts(id_: str) -> None:
    audit = FAULTS[id_].audit
    comparison = audit.fleet.comparison
    reordered = replace(
        comparison, scrapes=comparison.scrapes[::-1], ghosts=dict(reversed(list(comparison.ghosts.items())))
    )

    assert (
        fault_finding(id_).fingerprint
        == only_finding(replace(audit, fleet=replace(audit.fleet, comparison=reordered))).fingerprint
    )


@pytest.mark.parametrize("id_", FAULTS)
def test_no_finding_is_more_severe_than_the_table_allows(id_: str) -> None:
    finding = fault_finding(id_)

    assert SEVERITIES.index(finding.severity) >= SEVERITIES.index(CHECKS[finding.check].severity)


@pytest.mark.parametrize(
    "id_", [id_ for id_ in CHECKS if id_ not in NEVER_A_FINDING | DRIFT | STORAGE | HARVEST | ALERTS]
)
def test_the_severity_in_the_table_is_the_worst_that_occurs(id_: str) -> None:
    audits = [fault.audit for fault_id, fault in FAULTS.items() if fault_id.startswith(id_)]
    audits += [MORE_SEVERE[id_]] if id_ in MORE_SEVERE else []
    severities = {finding.severity for audit in audits for finding in findings(audit) if finding.check == id_}

    assert min(severities, key=SEVERITIES.index) == CHECKS[id_].severity


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
