"""What is found in the metrics pipeline, and the closest worlds in which nothing is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.analyse.pipeline.pipeline import Pipeline, external_labels
from maintainer.analyse.pipeline.table import LINKS, pipeline_table
from maintainer.model.facts import FleetObservation, Unavailable
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.message import Message, message
from maintainer.model.pipeline import ControllerState, Permission, Permissions, PipelineFacts, Port, PrometheusConfig
from maintainer.model.report import Finding, Severity
from maintainer.model.scope import Scope
from maintainer.render.words import load, say
from tests.analyse.builders import NOW, A, B, bracket, rollout, scraped, target
from tests.analyse.pipeline.builders import (
    CART,
    COUNTED,
    FAILED,
    RIGHT,
    SECONDS,
    SILENT,
    SLACK,
    controller,
    counts,
    facts,
    findings,
    matched,
    observation,
    pipeline,
    pod,
    rule,
    service,
    stored,
    unjudged,
    unready,
)

ROOT = Path(__file__).parents[3]
ENGLISH = load("en")
WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")
GET = 'Get "http://10.0.0.1:8090/metrics": '
GROWN = replace(COUNTED, dropped=3.0)
UNSENT = facts(alertmanagers=(), alertmanager=None)
ROLLOUTS = "rollouts.argoproj.io, which discovery does not need"
RENAMED_PORT = service(Port("metrics", 8090, "metric"))
STOOD = counts(still={A: frozenset({CART.key})})


def down(error: str) -> FleetObservation:
    return observation(targets=(target(healthy=False, error=error),), down=frozenset({A}))


def missing(**fields: Any) -> ControllerState:
    return controller(service=None, **fields)


REFUSED = Permissions(("monitoring", "prometheus"), refused=(RIGHT, replace(RIGHT, verb="watch")))
OTHER = (pod(), pod("standby", addresses=("10.0.0.2",)))

FOUND: dict[str, tuple[Pipeline, Severity]] = {
    "pipeline/scrape/status": (pipeline(seen=down("server returned HTTP status 500 Internal Server Error")), "error"),
    "pipeline/scrape/limit": (pipeline(seen=down("sample limit exceeded")), "error"),
    "pipeline/scrape/unreadable": (pipeline(seen=down('"INVALID" is not a valid start token')), "error"),
    "pipeline/service/missing": (pipeline(facts(both=missing()), replace(SILENT, targets=None)), "error"),
    "pipeline/service/no-pod": (pipeline(facts(both=controller(service=service(selector={"app": "else"})))), "warning"),
    "pipeline/service/port": (pipeline(facts(both=controller(service=RENAMED_PORT))), "warning"),
    "pipeline/endpoints/not-ready": (pipeline(facts(both=unready())), "warning"),
    "pipeline/rbac/refused": (pipeline(facts(rights=REFUSED)), "warning"),
    "pipeline/reload/failed": (pipeline(facts(reloaded=False)), "error"),
    "pipeline/rules-loaded/not-loaded": (
        pipeline(facts(stored=(stored(rule(), rule("RolloutStuck")),))), "error"),
    "pipeline/rules-loaded/none": (pipeline(facts(stored=()), rules=(rule("Watchdog", "vector(1)"),)), "warning"),
    "pipeline/alertmanager/none": (
        pipeline(UNSENT, observation(notified=replace(COUNTED, alertmanagers=0.0))), "error"),
    "pipeline/alertmanager/dropped": (pipeline(facts(notified=(COUNTED, GROWN))), "error"),
    "pipeline/alertmanager/errors": (pipeline(facts(notified=(COUNTED, replace(COUNTED, errors=1.0)))), "warning"),
    "pipeline/alertmanager/unrouted": (
        pipeline(facts(alertmanager=replace(SLACK, root=matched("nobody")))), "error"),
    "pipeline/emitter/lease": (pipeline(facts(both=controller(pods=OTHER, holder="standby"))), "error"),
    "pipeline/version/image": (
        pipeline(facts(both=controller(pods=(pod(images=("argoproj/argo-rollouts:v1.8.3",)),)))), "warning"),
    "pipeline/version/newer": (
        pipeline(facts(versions={A: "v1.99.0"}, both=controller(pods=(pod(images=("own/rollouts:7",)),)))), "info"),
    "coverage/unwatched/still": (pipeline(facts(reconciles=STOOD)), "error"),
}  # fmt: skip
"""For each check and cause a world that has it and nothing else."""


def only(one: Pipeline) -> Finding:
    (found,) = findings(one)
    return found


def causes(one: Pipeline) -> list[str]:
    return [f"{found.check}/{found.cause}" for found in findings(one)]


@pytest.mark.parametrize("id_", FOUND)
def test_each_fault_is_one_finding_of_its_check(id_: str) -> None:
    found = only(FOUND[id_][0])

    assert (f"{found.check}/{found.cause}", found.severity) == (id_, FOUND[id_][1])
    assert found.subjects
    assert found.reproduce
    assert found.evidence


def test_every_fault_of_the_chain_has_a_fingerprint_of_its_own() -> None:
    assert len({only(found).fingerprint for found, _ in FOUND.values()}) == len(FOUND)


def test_a_way_on_which_all_is_well_has_neither_finding_nor_gap() -> None:
    assert findings(pipeline()) == ()
    assert unjudged(pipeline()) == ()


# Scrape and target: one of the two, never both.


@pytest.mark.parametrize(
    ("error", "check"),
    [
        (f"{GET}dial tcp 10.0.0.1:8090: connect: connection refused", "pipeline/target"),
        (f"{GET}dial tcp 10.0.0.1:8090: connect: no route to host", "pipeline/target"),
        (f"{GET}context deadline exceeded", "pipeline/target"),
        (f"{GET}x509: certificate signed by unknown authority", "pipeline/target"),
        ("context deadline exceeded", "pipeline/target"),
        ("", "pipeline/target"),
        ("server returned HTTP status 404 Not Found", "pipeline/scrape"),
        ("body size limit exceeded", "pipeline/scrape"),
        ("label_name_length_limit exceeded (metric: x, number of labels: 3)", "pipeline/scrape"),
        ("unexpected end of input", "pipeline/scrape"),
        ("received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol", "pipeline/scrape"),
    ],
)  # fmt: skip
def test_a_target_that_is_down_is_of_one_check_by_its_error(error: str, check: str) -> None:
    assert [found.check for found in findings(pipeline(seen=down(error)))] == [check]


def test_a_refused_answer_that_was_fine_at_the_beginning_is_no_finding() -> None:
    passing = replace(down("sample limit exceeded"), down=frozenset())

    assert causes(pipeline(seen=passing)) == []


# Service and endpoints


@pytest.mark.parametrize(
    "both",
    [
        pytest.param(controller(service=service(Port("metrics", 8090, "8090"))), id="a number that nobody declares"),
        pytest.param(controller(service=service(selector={}), pods=()), id="endpoints written by hand"),
        pytest.param(missing(), id="pods are scraped without a Service"),
    ],
)
def test_a_service_that_does_its_work_is_no_finding(both: ControllerState) -> None:
    assert causes(pipeline(facts(both=both))) == []


@pytest.mark.parametrize("fault", ["pipeline/service/no-pod", "pipeline/service/port", "pipeline/endpoints/not-ready"])
def test_what_was_well_at_the_other_end_is_no_finding(fault: str) -> None:
    whole = FOUND[fault][0]

    assert causes(replace(whole, facts=replace(whole.facts, first=controller()))) == []
    assert causes(replace(whole, facts=replace(whole.facts, last=controller()))) == []


@pytest.mark.parametrize("fault", ["pipeline/service/no-pod", "pipeline/service/port", "pipeline/endpoints/not-ready"])
def test_a_broken_service_is_an_error_where_nothing_comes_through(fault: str) -> None:
    found = [one for one in findings(replace(FOUND[fault][0], observation=SILENT)) if one.check != "pipeline/target"]

    assert [(f"{one.check}/{one.cause}", one.severity) for one in found] == [(fault, "error")]


def test_a_missing_service_is_no_finding_where_prometheus_could_not_be_asked() -> None:
    blind = replace(SILENT, targets=None, unavailable=(Unavailable("prometheus", WHY),))

    assert causes(pipeline(facts(both=missing()), blind)) == []


def test_endpoints_are_not_repeated_where_the_service_says_why() -> None:
    both = controller(service=service(Port("metrics", 8090, "metric")), ready=0)

    assert causes(pipeline(facts(both=both))) == ["pipeline/service/port"]


@pytest.mark.parametrize("source", ["services", "pods", "endpointslices"])
def test_what_could_not_be_read_is_not_called_broken(source: str) -> None:
    blind = unready(unavailable=(Unavailable(source, WHY),))

    assert causes(pipeline(facts(both=blind))) == []


def test_a_cluster_that_nobody_looked_at_lacks_nothing() -> None:
    assert causes(pipeline(facts(both=ControllerState()), replace(SILENT, targets=None))) == []


# Rights


def test_the_command_for_a_right_names_account_and_namespace() -> None:
    nodes = Permissions(("monitoring", "prometheus"), refused=(Permission("", "nodes", "", "list"),))
    user = "--as=system:serviceaccount:monitoring:prometheus"

    assert (
        only(pipeline(facts(rights=REFUSED))).reproduce == f"kubectl auth can-i list endpoints {user} -n argo-rollouts"
    )
    assert only(pipeline(facts(rights=nodes))).reproduce == f"kubectl auth can-i list nodes {user} --all-namespaces"


def test_the_right_to_rollouts_is_information() -> None:
    without = facts(rights=Permissions(("monitoring", "prometheus"), granted=(RIGHT,), rollouts=False))

    assert causes(pipeline(without)) == []
    assert "not rollouts.argoproj.io" in seen(pipeline(without), "pipeline/rbac")


# Rules


def test_other_peoples_rules_that_are_not_loaded_are_not_our_business() -> None:
    assert causes(pipeline(facts(stored=(stored(rule(), rule("DiskFull", "node_filesystem_avail_bytes < 1")),)))) == []


def test_an_alert_over_a_recorded_series_of_ours_is_ours() -> None:
    record = rule("rollouts:failed", f"sum({FAILED})", asks="record")
    alert = rule("RolloutsFailed", "rollouts:failed > 0")

    assert causes(pipeline(facts(stored=()), rules=(record, alert))) == []
    found = only(pipeline(facts(stored=(stored(rule(), record, alert),))))
    assert [str(one) for one in found.subjects] == ["alert/RolloutsFailed", "record/rollouts:failed"]


def test_a_record_of_an_alerts_name_does_not_stand_for_the_alert() -> None:
    record = rule("RolloutFailed", FAILED, asks="record")

    assert "pipeline/rules-loaded/not-loaded" in causes(pipeline(rules=(record,)))


@pytest.mark.parametrize(("age", "said"), [(9, "gap"), (11, "finding")])
def test_what_was_stored_a_moment_ago_is_not_judged_yet(age: int, said: str) -> None:
    fresh = stored(rule(), rule("RolloutStuck"), changed=NOW - timedelta(minutes=age))
    whole = pipeline(facts(stored=(fresh,)))

    assert bool(causes(whole)) == (said == "finding")
    assert [gap.reason.id for gap in unjudged(whole)] == (["gap/fresh-rules"] if said == "gap" else [])


def test_rules_that_are_loaded_need_no_time() -> None:
    assert unjudged(pipeline(facts(stored=(stored(rule(), changed=NOW),)))) == ()


def test_rules_that_could_not_be_read_accuse_nobody() -> None:
    assert causes(pipeline(rules=None)) == []


# Alertmanager


def test_an_alertmanager_that_was_there_at_the_beginning_is_being_discovered() -> None:
    assert causes(pipeline(facts(alertmanagers=(), alertmanager=None))) == []


def test_without_alerts_of_ours_no_alertmanager_is_a_warning() -> None:
    none = pipeline(
        facts(alertmanagers=(), alertmanager=None, stored=()),
        observation(notified=None),
        rules=(rule("X", "vector(1)"),),
    )

    assert {(one.check, one.severity) for one in findings(none)} == {
        ("pipeline/alertmanager", "warning"),
        ("pipeline/rules-loaded", "warning"),
    }


def test_counts_of_another_process_are_not_compared() -> None:
    assert causes(pipeline(facts(notified=(COUNTED, replace(GROWN, started=2.0))))) == []


def routed(*routes: Any, **fields: Any) -> Pipeline:
    """Alerts with severity critical; the root tells nobody, each child what it is."""
    whole = pipeline(facts(alertmanager=replace(SLACK, root=matched("nobody", routes=routes)), **fields))
    return replace(whole, loaded=LoadedQueries((rule(severity="critical", team="{{ $labels.team }}"),)))


@pytest.mark.parametrize(
    ("one", "lost"),
    [
        pytest.param(routed(matched("slack", "severity=critical")), False, id="a route"),
        pytest.param(routed(matched("slack", "severity=warning")), True, id="another's route"),
        pytest.param(routed(matched("slack", "severity=~crit.*")), False, id="by an expression"),
        pytest.param(routed(matched("slack", "severity!=critical")), True, id="not this one"),
        pytest.param(routed(matched("slack", "namespace=shop")), False, id="a label of the query may match"),
        pytest.param(routed(matched("slack", "team=shop")), False, id="a template may match"),
        pytest.param(routed(matched("slack", "severity=~\\pL+")), False, id="an expression of Go only"),
        pytest.param(routed(matched("nobody", "namespace=shop"), matched("slack")), False, id="the next one"),
        pytest.param(routed(matched("nobody", "severity=critical"), matched("slack")), True, id="taken"),
        pytest.param(
            routed(matched("nobody", "severity=critical", goes_on=True), matched("slack")), False, id="it goes on"
        ),
        pytest.param(
            routed(matched("slack", "cluster=a"), config=PrometheusConfig(external={"cluster": "b"})),
            True,
            id="external label",
        ),
        pytest.param(
            routed(matched("slack", "severity=warning"), config=PrometheusConfig(relabelled=True)),
            False,
            id="relabelled",
        ),
    ],
)
def test_an_alert_is_called_lost_only_if_it_is_for_certain(one: Pipeline, *, lost: bool) -> None:
    assert causes(one) == (["pipeline/alertmanager/unrouted"] if lost else [])


def test_a_route_that_may_not_match_leaves_the_way_to_the_one_above() -> None:
    maybe = matched("slack", routes=(matched("nobody", "namespace=shop"),))

    assert causes(pipeline(facts(alertmanager=replace(SLACK, root=maybe)))) == []


def test_a_receiver_that_is_not_defined_is_not_called_silent() -> None:
    assert causes(pipeline(facts(alertmanager=replace(SLACK, root=matched("unheard-of"))))) == []


# Emitter and version


@pytest.mark.parametrize(
    "both",
    [
        pytest.param(controller(lease="", holder=""), id="standalone"),
        pytest.param(controller(holder="gone"), id="the holder is no pod any more"),
        pytest.param(controller(pods=(pod(), pod("twin")), holder="twin"), id="two pods at one address"),
        pytest.param(controller(pods=(pod("twin", addresses=()),), holder="twin"), id="the emitter is not known"),
    ],
)
def test_a_lease_that_proves_nothing_is_no_finding(both: ControllerState) -> None:
    assert causes(pipeline(facts(both=both))) == []


def test_a_lease_that_changed_hands_is_no_finding() -> None:
    moved = facts(first=controller(pods=OTHER), last=controller(pods=OTHER, holder="standby"))

    assert causes(pipeline(moved)) == []


@pytest.mark.parametrize(
    ("version", "lease_", "found"), [("v1.9.2", "", True), ("v1.10.0", "", False), ("v1.10.0", "-blue", True)]
)
def test_a_lease_without_the_instance_id_may_be_another_controllers(version: str, lease_: str, *, found: bool) -> None:
    both = controller(pods=OTHER, holder="standby", lease=f"argo-rollouts-controller-lock{lease_}")
    own = bracket(CART._replace(instance_id="blue"))
    images = replace(both, pods=tuple(replace(one, images=()) for one in OTHER))
    whole = pipeline(facts(both=images, versions={A: version}), observation(own), scope=Scope(instance_id="blue"))

    assert causes(whole) == (["pipeline/emitter/lease"] if found else [])


def test_the_pod_that_emits_is_told_by_how_it_was_discovered() -> None:
    discovered = replace(target(), discovered={"__meta_kubernetes_pod_name": "twin"})
    both = controller(pods=(pod(), pod("twin")), holder="twin")

    assert causes(pipeline(facts(both=both), observation(targets=(discovered,)))) == []


@pytest.mark.parametrize(
    "image", ["own/controller:v1.8.3", "argoproj/argo-rollouts:2024.1", "argo-rollouts:v1.9.2-fips"]
)
def test_a_tag_that_counts_otherwise_is_not_compared(image: str) -> None:
    assert causes(pipeline(facts(both=controller(pods=(pod(images=(image,)),))))) == []


def test_a_version_that_nobody_tells_is_a_gap() -> None:
    assert [(gap.check, gap.kind) for gap in unjudged(pipeline(facts(versions={})))] == [
        ("pipeline/version", "permanent")
    ]


# Unwatched


def unwatched(one: Pipeline) -> list[str]:
    return [gap.reason.id for gap in unjudged(one) if gap.check == "coverage/unwatched"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"started": {A: SECONDS - 2400}}, "gap/young-process"),
        ({"started": {}}, "gap/short-memory"),
        ({"remembered": frozenset()}, "gap/short-memory"),
    ],
)
def test_a_count_that_says_nothing_yet_is_a_gap_and_no_finding(fields: dict[str, Any], reason: str) -> None:
    whole = pipeline(facts(reconciles=replace(STOOD, **fields)))

    assert causes(whole) == []
    assert unwatched(whole) == [reason]


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(CART._replace(created="2026-09-30T23:30:00Z"), id="created within the window"),
        pytest.param(CART._replace(created=""), id="created nobody knows when"),
        pytest.param(CART._replace(deleting=True), id="being deleted"),
        pytest.param(CART._replace(instance_id="blue"), id="another controller's"),
    ],
)
def test_a_rollout_that_need_not_be_looked_at_is_neither_finding_nor_gap(one: Any) -> None:
    quiet = pipeline(facts(reconciles=STOOD), observation(bracket(one)))

    assert causes(quiet) == []
    assert unwatched(replace(quiet, facts=facts(reconciles=replace(STOOD, started={})))) == []


def test_a_rollout_that_another_target_saw_reconciled_is_watched() -> None:
    both = bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))
    started = {A: SECONDS - 86400, B: SECONDS - 86400}
    seen_by_b = replace(STOOD, started=started, remembered=frozenset({A, B}))
    wide = pipeline(facts(reconciles=seen_by_b, versions={A: "v1.9.2", B: "v1.9.2"}), observation(both))

    assert "coverage/unwatched/still" not in causes(wide)


def test_one_of_many_is_named_alone() -> None:
    pay = rollout("pay")._replace(created=CART.created)
    found = only(pipeline(facts(reconciles=STOOD), observation(bracket(CART, pay))))

    assert [(one.namespace, one.name) for one in found.subjects] == [CART.key]
    assert found.evidence["rollouts"] == ["shop/cart"]


# Gaps and the table


@pytest.mark.parametrize("fact", ["config", "pods", "prometheusrules"])
def test_what_could_not_be_read_of_the_pipeline_is_a_gap_of_each_check_that_needs_it(fact: str) -> None:
    found = unjudged(pipeline(facts(unavailable=(Unavailable(fact, WHY, permanent=True),))))

    assert {gap.check for gap in found} == {check.id for check in CHECKS.values() if fact in check.needs}
    assert {(gap.kind, gap.reason) for gap in found} == {("permanent", WHY)}


def table(one: Pipeline) -> dict[str, tuple[str, str]]:
    rows = pipeline_table(one, findings(one), tuple(unjudged(one))).rows
    words = [[say(ENGLISH, cell) if isinstance(cell, Message) else str(cell) for cell in row] for row in rows]
    return {check: (row[1], row[2]) for check, row in zip(LINKS, words, strict=True)}


def seen(one: Pipeline, check: str) -> str:
    return table(one)[check][1]


def test_the_table_says_link_by_link_what_was_seen() -> None:
    assert table(pipeline()) == {
        "pipeline/service": ("OK", "selects one pod, port metrics → metrics"),
        "pipeline/endpoints": ("OK", "1 ready"),
        "pipeline/target": ("OK", "one target, 1 up"),
        "pipeline/scrape": ("OK", "no error"),
        "pipeline/emitter": ("OK", "leader emits and holds the Lease"),
        "pipeline/rbac": ("OK", f"may list and watch endpoints, also {ROLLOUTS}"),
        "pipeline/reload": ("OK", "newest configuration loaded"),
        "pipeline/rules-loaded": ("OK", "one alert about Rollouts is loaded; objects that store rules: 1"),
        "pipeline/alertmanager": ("OK", "http://alertmanager:9093, routes read"),
        "pipeline/version": ("OK", "v1.9.2; this tool knows releases up to v1.10"),
    }  # fmt: skip


@pytest.mark.parametrize("id_", [id_ for id_ in FOUND if id_.startswith("pipeline/")])
def test_the_table_points_at_each_finding(id_: str) -> None:
    one = FOUND[id_][0]

    assert table(one)[id_.rpartition("/")[0]][0] == "See finding"


def test_what_nobody_could_look_at_is_not_called_fine() -> None:
    sources = ("prometheus", "cluster")
    blind = PipelineFacts(unavailable=tuple(Unavailable(source, WHY) for source in sources))

    assert {state for state, _ in table(pipeline(blind, FleetObservation(), rules=None)).values()} == {"Not checked"}


@pytest.mark.parametrize(
    "one",
    [
        *(found for found, _ in FOUND.values()),
        pipeline(),
        pipeline(PipelineFacts(), FleetObservation(), rules=None),
        pipeline(facts(rights=Permissions(("a", "b"), foreign=("job",), rollouts=False))),
        pipeline(facts(rights=Permissions(("a", "b")))),
        pipeline(facts(both=controller(service=service(selector={})))),
        pipeline(facts(both=controller(lease="", holder=""))),
        pipeline(facts(alertmanager=None)),
        pipeline(facts(both=missing())),
    ],
)
def test_the_table_has_words_for_whatever_was_seen(one: Pipeline) -> None:
    assert not any("pipeline-table/" in text for row in table(one).values() for text in row)


def test_the_labels_that_prometheus_adds_for_others_are_known_with_its_configuration() -> None:
    assert external_labels(facts(config=PrometheusConfig(external={"cluster": "a"}))) == frozenset({"cluster"})
    assert external_labels(facts(config=None)) is None
