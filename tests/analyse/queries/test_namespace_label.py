"""label/namespace: a target's own label ``namespace``."""

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.queries.namespace_label import label_namespace
from maintainer.model.report import Subject
from maintainer.render.words import load, say
from tests.analyse.builders import NAME_A, NAME_B, B, bracket, confirmed, scraped
from tests.analyse.faults import CART, PAY, of_comparison, only_finding
from tests.analyse.queries.builders import FLEET, alert, loaded, panel, planned


def exported(namespace: str) -> Comparison:
    return confirmed(
        CART, scrapes=(scraped(CART, namespace_label="exported_namespace", controller_namespace=namespace),)
    )


def test_only_the_target_that_renames_is_named() -> None:
    scrapes = (scraped(CART), scraped(PAY, target=B, namespace_label="exported_namespace", controller_namespace="argo"))
    finding = only_finding(of_comparison(confirmed(CART, PAY, scrapes=scrapes)))

    assert finding.subjects == (Subject("Target", "", NAME_B),)
    assert finding.evidence == {"target": dict(B), "namespace": "argo", "namespaceLabel": "exported_namespace"}


def test_an_empty_namespace_label_is_shown_as_such() -> None:
    finding = only_finding(of_comparison(exported("")))

    assert say(load("en"), finding.summary).startswith(f'{NAME_A} has a label namespace of its own (""), ')


def test_a_fingerprint_does_not_depend_on_the_labels_value() -> None:
    first, second = (only_finding(of_comparison(exported(namespace))) for namespace in "ab")

    assert first.fingerprint == second.fingerprint


def test_only_queries_that_use_the_label_are_named() -> None:
    exporting = scraped(*FLEET, namespace_label="exported_namespace", controller_namespace="argo-rollouts")
    queries = loaded(
        panel('sum(rollout_info{namespace=~"$namespace"})', "A / Status"), alert("sum(rollout_info) < 1", "None")
    )
    audit = planned(queries, [bracket(*FLEET, scrapes=(exporting,))] * 2)

    assert {(finding.cause, finding.severity, str(finding.subjects[0])) for finding in label_namespace(audit)} == {
        ("exported", "warning", f"Target/{NAME_A}"),
        ("queries", "error", "panel/A / Status"),
    }
