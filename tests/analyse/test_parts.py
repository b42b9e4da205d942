"""A finding about a part of its subjects, as when the others are accepted: it speaks of this part alone."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.model.contract import DESIRED, GAUGES, UPDATED
from maintainer.model.loaded_queries import QueryResults
from maintainer.model.report import Finding
from maintainer.render.words import load, say
from tests.analyse.builders import A, B, bracket, confirmed, moment, rollout, says, scrape, scraped, wrong_phase
from tests.analyse.faults import (
    FAULTS,
    NO_SERIES,
    TOTAL,
    confirmed_overlooked,
    fault_finding,
    findings,
    of_comparison,
    of_pipeline,
    of_queries,
)
from tests.analyse.pipeline.builders import CART as OLD_CART
from tests.analyse.pipeline.builders import SLACK, controller, counts, facts, observation, pipeline, pod, route, rule
from tests.analyse.pipeline.builders import stored as stored_rules
from tests.analyse.queries.builders import FLEET, honest, loaded, one_question, panel, planned

CART, PAY, LOGIN = rollout("cart"), rollout("pay", desired=5, replicas=5, updated=5, available=5), rollout("login")
OLD_PAY = rollout("pay", created=moment("2026-09-01T00:00:00Z"))
LEADERS = (pod("cart"), pod("pay", addresses=("10.0.0.2",)), pod("holder", addresses=("10.0.0.3",)))
RENAMED = scraped(*FLEET, namespace_label="exported_namespace", controller_namespace="argo-rollouts")
AVAILABLE = "sum by (namespace) (rollout_info_replicas_available)"


def _wrong_totals() -> QueryAudit:
    desired, available = one_question(TOTAL).count, one_question(AVAILABLE).count
    assert desired is not None
    assert available is not None
    values = {count.grouped: {**honest(count, FLEET), ("shop", "cart"): 4.0} for count in (desired, available)}
    return of_queries(
        panel(TOTAL, "All desired"), panel(AVAILABLE, "All available"), results=QueryResults(values=values)
    )


def _same_query(text: str, results: QueryResults | None = None) -> QueryAudit:
    return of_queries(panel(text, "cart"), panel(text, "pay"), results=results)


TWO_FAMILIES = (DESIRED, UPDATED)
FAMILIES_LACKING = scrape(
    {CART.key: says(CART, without=TWO_FAMILIES)}, families=frozenset(GAUGES) - frozenset(TWO_FAMILIES)
)
NOBODY = replace(SLACK, root=route("nobody"))
BOTH_EMIT = bracket(OLD_CART, scrapes=(scraped(OLD_CART), scraped(OLD_CART, target=B)))

SHARED: Mapping[str, QueryAudit] = {
    "accuracy/phase/drift": of_comparison(confirmed(CART, PAY, scrapes=(wrong_phase(CART, PAY),))),
    "accuracy/replicas/drift": of_comparison(
        confirmed(CART, PAY, scrapes=(scrape({CART.key: says(CART, desired=9), PAY.key: says(PAY, desired=8)}),))
    ),
    "coverage/missing/whole": of_comparison(confirmed(CART, PAY, LOGIN, scrapes=(scraped(LOGIN),))),
    "coverage/missing/family": of_comparison(confirmed(CART, scrapes=(FAMILIES_LACKING,))),
    "coverage/ghost/series": of_comparison(confirmed(LOGIN, scrapes=(scraped(CART, PAY, LOGIN),))),
    "controller/stale-cache/overlooked": of_comparison(confirmed_overlooked("cart", "pay")),
    "coverage/unwatched/still": of_pipeline(
        pipeline(
            facts(reconciles=counts(still={A: frozenset({OLD_CART.key, OLD_PAY.key})})),
            observation(bracket(OLD_CART, OLD_PAY)),
        )
    ),
    "pipeline/rules-loaded/not-loaded": of_pipeline(
        pipeline(facts(stored=(stored_rules(rule(), rule("cart"), rule("pay")),)))
    ),
    "pipeline/alertmanager/unrouted": of_pipeline(
        pipeline(facts(alertmanager=NOBODY), rules=(rule("cart"), rule("pay")))
    ),
    "pipeline/emitter/lease": of_pipeline(
        pipeline(facts(both=controller(pods=LEADERS, holder="holder")), observation(BOTH_EMIT))
    ),
    "label/namespace/queries": planned(
        loaded(
            panel('sum(rollout_info{namespace=~"$namespace"})', "cart"),
            panel('sum(rollout_info{namespace=~"$namespace"})', "pay"),
        ),
        [bracket(*FLEET, scrapes=(RENAMED,))] * 2,
    ),
    "panel/value/value": _wrong_totals(),
    "query/dead-selector": _same_query('rollout_info{phase="Degraded"}'),
    "query/error/refused": _same_query(TOTAL, QueryResults(errors={TOTAL: "too many"})),
    "query/no-data": _same_query(f"sum({NO_SERIES})", QueryResults(matched={NO_SERIES: False})),
}
"""For each kind of finding with several subjects: facts with a finding about two of them."""

TOGETHER = {"coverage/duplicate/leaders", "coverage/duplicate/targets", "pipeline/dashboard/none"}
"""What is true of the subjects only together."""


def shared(id_: str) -> Finding:
    """The finding about two subjects."""
    (finding,) = [
        found
        for found in findings(SHARED[id_])
        if id_ in {found.check, f"{found.check}/{found.cause}"} and len(found.subjects) == 2
    ]
    return finding


def texts(finding: Finding) -> str:
    """All that a report says of a finding."""
    words = load("en")
    return "\n".join((
        say(words, finding.summary), say(words, finding.action), json.dumps(finding.evidence), finding.reproduce
    ))  # fmt: skip


@pytest.mark.parametrize("id_", SHARED)
def test_a_part_of_a_finding_speaks_of_its_subject_alone(id_: str) -> None:
    finding = shared(id_)
    assert finding.part is not None

    for kept, left_out in (finding.subjects, finding.subjects[::-1]):
        part = finding.part(frozenset({kept}))
        assert (part.check, part.cause, part.severity) == (finding.check, finding.cause, finding.severity)
        assert part.subjects == (kept,)
        assert left_out.name not in texts(part)
        assert part.summary.named.get("count", 1) == 1
        assert part.fingerprint == finding.fingerprint_of(kept)


@pytest.mark.parametrize("id_", SHARED)
def test_the_part_with_all_subjects_is_the_finding(id_: str) -> None:
    finding = shared(id_)
    assert finding.part is not None

    assert finding.part(frozenset(finding.subjects)) == finding


@pytest.mark.parametrize("id_", FAULTS)
def test_a_finding_that_cannot_be_divided_has_one_subject_or_is_about_all_of_them_together(id_: str) -> None:
    finding = fault_finding(id_)

    assert finding.part is not None or len(finding.subjects) == 1 or id_ in TOGETHER
