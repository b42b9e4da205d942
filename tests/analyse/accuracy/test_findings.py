"""What is found: checks, causes, severities, subjects, evidence and the words for them."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import promql_parser
import pytest

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.coverage import coverage_ghost, coverage_missing
from maintainer.analyse.accuracy.findings import in_few_words
from maintainer.analyse.accuracy.values import accuracy_phase
from maintainer.analyse.checks import ACCURACY_CHECKS, PIPELINE_CHECKS
from maintainer.analyse.pipeline.emitter import pipeline_emitter
from maintainer.analyse.pipeline.target import pipeline_target
from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.namespace_label import label_namespace
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, INFO, UPDATED
from maintainer.model.facts import FleetObservation, Labels, Rollout, Scrape, labels
from maintainer.model.report import Finding, Json, Severity, Subject
from maintainer.model.scope import Scope
from maintainer.render.words import load, say
from tests.analyse.builders import (
    ACCESS,
    NAME_A,
    NAME_B,
    A,
    B,
    because,
    bracket,
    compared,
    moved,
    rollout,
    says,
    scrape,
    scraped,
    target,
    twice,
    unseen_pipeline,
)

ROOT = Path(__file__).parents[3]
ENGLISH = load("en")
CART, PAY = rollout(), rollout("pay", version="8")
REFUSED = rollout(conditions=(because("ReplicaSetCreateError"),))
TORN = rollout(conditions=(because("RolloutAborted"),))


def everything(
    comparison: Comparison, observation: FleetObservation | None = None, access: Access = ACCESS
) -> list[Finding]:
    """All findings that any check makes of these facts."""
    fleet = compared(comparison, observation, access=access)
    return [
        *(finding for check in PIPELINE_CHECKS for finding in check.finds(fleet.pipeline)),
        *(finding for check in ACCURACY_CHECKS for finding in check.finds(fleet)),
        *label_namespace(QueryAudit(fleet)),
    ]


def wrong(*rollouts: Rollout, phase: str = "Paused", own: Labels = A) -> Scrape:
    return scrape({one.key: says(one, phase=phase) for one in rollouts}, target=own)


def emitters(*targets: Labels) -> Comparison:
    """Nothing wrong, and these targets emit a Rollout each."""
    found = [rollout(f"r{number}") for number in range(len(targets))]
    return judge_brackets(
        [bracket(*found, scrapes=tuple(scraped(one, target=own) for one, own in zip(found, targets, strict=True)))], ""
    )


def only(comparison: Comparison, observation: FleetObservation | None = None, access: Access = ACCESS) -> Finding:
    """The one finding that there is."""
    (one,) = everything(comparison, observation, access)
    return one


SILENT = bracket(CART, scrapes=())
DOWN = target(healthy=False, error="connection refused")
NOTHING = Comparison()

FOUND: Mapping[str, tuple[Comparison, FleetObservation | None, Severity]] = {
    "accuracy/phase/drift": (twice(CART, scrapes=(wrong(CART),)), None, "error"),
    "accuracy/replicas/drift": (twice(CART, scrapes=(scrape({CART.key: says(CART, desired=9)}),)), None, "error"),
    "accuracy/strategy/drift": (
        twice(CART, scrapes=(scrape({CART.key: says(CART, strategy="none")}),)), None, "warning"),
    "accuracy/meaning/replicaset-refused": (twice(REFUSED, scrapes=(wrong(REFUSED, phase="Error"),)), None, "warning"),
    "accuracy/meaning/conditions-disagree": (twice(TORN, scrapes=(wrong(TORN, phase="Abort"),)), None, "warning"),
    "coverage/missing/whole": (twice(CART, PAY, scrapes=(scraped(CART),)), None, "error"),
    "coverage/missing/partly": (
        twice(CART, scrapes=(scrape({CART.key: says(CART, without=[UPDATED])}),)), None, "error"),
    "coverage/missing/family": (
        twice(CART, scrapes=(scrape({CART.key: says(CART, without=[UPDATED])},
                                      families=frozenset(GAUGES) - {UPDATED}),)), None, "error"),
    "coverage/ghost/series": (twice(CART, scrapes=(scraped(CART, PAY),)), None, "warning"),
    "coverage/ghost/target": (twice(CART, scrapes=(scraped(CART), scraped(PAY, target=B))), None, "warning"),
    "coverage/duplicate/targets": (twice(CART, scrapes=(scraped(CART), scraped(CART, target=B))), None, "error"),
    "label/namespace/exported": (
        twice(CART, scrapes=(scraped(CART, renamed=True, namespace_label="argo-rollouts"),)), None, "warning"),
    "pipeline/target/none": (NOTHING, FleetObservation(targets=()), "error"),
    "pipeline/target/down": (NOTHING, FleetObservation(targets=(DOWN,), down=frozenset({A})), "error"),
    "pipeline/target/still": (NOTHING, FleetObservation(targets=(target(),), still=frozenset({A})), "error"),
    "pipeline/emitter/silent": (
        NOTHING, FleetObservation(targets=(target(),), silent=True, brackets=(SILENT,)), "error"),
    "pipeline/emitter/unknown": (NOTHING, FleetObservation(targets=None, silent=True, brackets=(SILENT,)), "error"),
}  # fmt: skip
"""For each check and cause a world that has it and nothing else."""


@pytest.mark.parametrize("id_", FOUND)
def test_each_fault_is_one_finding_of_its_check(id_: str) -> None:
    comparison, observation, severity = FOUND[id_]
    one = only(comparison, observation)

    assert f"{one.check}/{one.cause}" == id_
    assert one.severity == severity
    assert one.state == "new"
    assert one.subjects
    assert one.reproduce


def test_nothing_wrong_is_no_finding() -> None:
    healthy = FleetObservation(targets=(target(), target(B)), brackets=(bracket(CART),), controllers={A: "v1.9.2"})

    assert everything(twice(CART, PAY, scrapes=(scraped(CART, PAY),)), healthy) == []


def test_rollouts_with_one_cause_are_one_finding_with_all_of_them() -> None:
    fleet = [rollout(name) for name in "cab"]
    one = only(twice(*fleet, scrapes=(wrong(*fleet),)))

    assert one.subjects == tuple(Subject("Rollout", "shop", name) for name in "abc")
    assert one.evidence == {
        "rollouts": [
            {"rollout": f"shop/{name}", "what": "phase", "api": "Completed", "metric": "Paused", "targets": [NAME_A]}
            for name in "abc"
        ]
    }
    assert say(ENGLISH, one.summary) == (
        "The metrics show a wrong phase for 3 Rollouts, such as shop/a:"
        " Paused instead of Completed, which follows from the API's conditions."
    )


def test_two_causes_are_two_findings() -> None:
    shown = {REFUSED.key: says(REFUSED, phase="Error"), PAY.key: says(PAY, phase="Abort")}
    torn = PAY._replace(conditions=TORN.conditions)
    found = everything(twice(REFUSED, torn, scrapes=(scrape(shown),)))

    assert [(one.cause, one.subjects[0].name) for one in found] == [
        ("conditions-disagree", "pay"),
        ("replicaset-refused", "cart"),
    ]


def test_two_checks_on_one_rollout_are_two_findings() -> None:
    shown = scrape({CART.key: says(CART, phase="Paused", strategy="none", desired=9)})

    assert [one.check for one in everything(twice(CART, scrapes=(shown,)))] == [
        "accuracy/phase",
        "accuracy/replicas",
        "accuracy/strategy",
    ]


def test_targets_that_say_the_same_share_a_row() -> None:
    (one,) = accuracy_phase(compared(twice(CART, scrapes=(wrong(CART), wrong(CART, own=B)))))

    assert one.subjects == (Subject("Rollout", "shop", "cart"),)
    assert [row["targets"] for row in rows(one)] == [[NAME_A, NAME_B]]


def test_targets_that_say_different_things_have_a_row_each() -> None:
    (one,) = accuracy_phase(compared(twice(CART, scrapes=(wrong(CART), wrong(CART, phase="Abort", own=B)))))

    assert one.subjects == (Subject("Rollout", "shop", "cart"),)
    assert [(row["metric"], row["targets"]) for row in rows(one)] == [("Paused", [NAME_A]), ("Abort", [NAME_B])]


def test_each_gauge_that_is_wrong_has_a_row() -> None:
    one = only(twice(CART, scrapes=(off(desired=9, available=2.5),)))

    assert [(row["what"], row["api"], row["metric"]) for row in rows(one)] == [
        (DESIRED, "3", "9"),
        (AVAILABLE, "3", "2.5"),
    ]


def test_what_no_target_has_names_no_target() -> None:
    one = only(*FOUND["coverage/missing/whole"][:2])

    assert rows(one) == [{"rollout": "shop/pay", "what": "missing", "api": "present", "metric": "-", "targets": []}]


def rows(one: Finding) -> list[dict[str, Json]]:
    found = one.evidence["rollouts"]
    assert isinstance(found, list)
    return found


def off(**fields: Any) -> Scrape:
    """A scrape that is wrong about CART in this."""
    return scrape({CART.key: says(CART, **fields)})


def second(*rollouts: Rollout) -> Comparison:
    """A second target that emits these, of which the API has CART and perhaps PAY."""
    known = [CART, PAY] if CART in rollouts else [CART]
    return twice(*known, scrapes=(scraped(*known), scraped(*rollouts, target=B)))


def renaming(namespace: str) -> Comparison:
    return twice(CART, scrapes=(scraped(CART, renamed=True, namespace_label=namespace),))


# Fingerprints


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(*(twice(CART, scrapes=(wrong(CART, phase=phase),)) for phase in ("Paused", "Abort")), id="phase"),
        pytest.param(*(twice(CART, scrapes=(off(desired=number),)) for number in (7, 8)), id="number"),
        pytest.param(*(twice(CART, scrapes=(off(without=[family]),)) for family in (UPDATED, DESIRED)), id="family"),
        pytest.param(*(twice(CART, scrapes=(wrong(CART, own=own),)) for own in (A, B)), id="target"),
        pytest.param(*(twice(moved(CART, version), scrapes=(wrong(CART),)) for version in "89"), id="version"),
        pytest.param(*(second(PAY, rollout(name)) for name in "yz"), id="ghosts of a foreign target"),
        pytest.param(*(second(CART, *more) for more in ([], [PAY])), id="duplicates"),
        pytest.param(*(renaming(namespace) for namespace in "ab"), id="namespace label"),
    ],
)  # fmt: skip
def test_a_fingerprint_does_not_depend_on_values(one: Comparison, other: Comparison) -> None:
    assert only(one).fingerprint == only(other).fingerprint


def test_fingerprints_of_a_target_do_not_depend_on_its_error() -> None:
    errors = [
        replace(DOWN, error=error, last_scrape=float(len(error))) for error in ("connection refused", "no such host")
    ]
    found = [only(NOTHING, FleetObservation(targets=(one,), down=frozenset({A}))) for one in errors]

    assert found[0].evidence != found[1].evidence
    assert found[0].fingerprint == found[1].fingerprint


def test_every_fault_has_a_fingerprint_of_its_own() -> None:
    assert len({only(*found[:2]).fingerprint for found in FOUND.values()}) == len(FOUND)


@pytest.mark.parametrize("id_", FOUND)
def test_the_order_of_facts_plays_no_part(id_: str) -> None:
    comparison, observation, _ = FOUND[id_]
    turned = replace(
        comparison,
        scrapes=comparison.scrapes[::-1],
        ghosts=dict(reversed(list(comparison.ghosts.items()))),
    )

    assert sorted(one.fingerprint for one in everything(comparison, observation)) == sorted(
        one.fingerprint for one in everything(turned, observation)
    )


# accuracy


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", '""'),
        ("Paused", "Paused"),
        (3, "3"),
        (-1, "-1"),
        (0.5, "0.5"),
        (["a", "b"], "a, b"),
        ([UPDATED], UPDATED),
        ({DESIRED: 3, AVAILABLE: 2}, "replicas_desired 3, replicas_available 2"),
    ],
    ids=str,
)
def test_a_side_of_a_difference_in_few_words(value: Json, text: str) -> None:
    assert in_few_words(value) == text


@pytest.mark.parametrize(
    ("id_", "summary"),
    [
        (
            "accuracy/phase/drift",
            "The metrics show phase Paused for shop/cart; by the API's conditions it is Completed.",
        ),
        (
            "accuracy/replicas/drift",
            "The metrics have a wrong replica count for shop/cart: replicas_desired 9; the API has replicas_desired 3.",
        ),
        ("accuracy/strategy/drift", "The metrics show strategy none for shop/cart; the API has canary."),
        ("coverage/missing/partly", f"shop/cart has some of its series in Prometheus, but {UPDATED} is missing."),
        ("coverage/missing/whole", "shop/pay is in the API and has no series in Prometheus."),
        ("coverage/ghost/series", "shop/pay has series in Prometheus and is not in the API."),
        ("coverage/ghost/target", f"{NAME_B} exposes one Rollout, which is not in this cluster."),
        (
            "coverage/duplicate/targets",
            f"Two targets expose the same Rollout, {NAME_A} and {NAME_B}: sums count it twice.",
        ),
        ("pipeline/target/down", f"{NAME_A} is down: connection refused"),
    ],
)  # fmt: skip
def test_a_summary_says_what_is_so(id_: str, summary: str) -> None:
    assert say(ENGLISH, only(*FOUND[id_][:2]).summary) == summary


# coverage


@pytest.mark.parametrize(
    ("version", "found"),
    [
        pytest.param("v1.3.2", 0, id="before the family came"),
        pytest.param("v1.4.0", 1, id="with the family"),
        pytest.param("", 1, id="unknown"),
        pytest.param("latest", 1, id="no release"),
    ],
)
def test_a_family_is_missed_only_where_the_controller_has_it(version: str, found: int) -> None:
    comparison = FOUND["coverage/missing/family"][0]

    assert len(list(coverage_missing(compared(comparison, FleetObservation(controllers={A: version}))))) == found


def test_families_that_are_missing_are_the_subjects() -> None:
    shown = scrape({CART.key: says(CART, without=GAUGES)}, families=frozenset())
    one = only(twice(CART, scrapes=(shown,)))

    assert one.subjects == tuple(Subject("Metric", "", family) for family in GAUGES)
    assert say(ENGLISH, one.summary).startswith(f"4 metric families are missing for all Rollouts of {NAME_A}")


def test_families_are_missed_for_each_target_by_itself() -> None:
    shown = scrape({PAY.key: says(PAY, without=[UPDATED])}, target=B, families=frozenset(GAUGES) - {UPDATED})
    one = only(twice(CART, PAY, scrapes=(scraped(CART), shown)))

    assert one.evidence["target"] == dict(B)


def test_ghosts_of_several_targets_are_one_finding() -> None:
    third = rollout("third")
    comparison = twice(CART, PAY, scrapes=(scraped(CART, third), scraped(PAY, third, target=B)))
    (one,) = coverage_ghost(compared(comparison))

    assert one.subjects == (Subject("Rollout", "shop", "third"),)
    assert rows(one) == [{"rollout": "shop/third", "targets": [NAME_A, NAME_B]}]


def test_a_target_is_not_foreign_while_one_of_its_rollouts_is_known() -> None:
    comparison = twice(CART, PAY, scrapes=(scraped(CART), scraped(PAY, rollout("third"), target=B)))

    assert [one.cause for one in coverage_ghost(compared(comparison))] == ["series"]


def test_the_only_target_is_never_foreign() -> None:
    one = only(twice(CART, scrapes=(scraped(PAY),), stale=(B,)))

    assert (one.check, one.cause) == ("coverage/ghost", "series")


def test_a_foreign_target_is_one_finding_however_many_rollouts_it_has() -> None:
    many = [rollout(f"r{number}") for number in range(50)]
    one = only(twice(CART, scrapes=(scraped(CART), scraped(*many, target=B))))

    assert one.subjects == (Subject("Target", "", NAME_B),)
    assert say(ENGLISH, one.summary) == f"{NAME_B} exposes 50 Rollouts, and none of them is in this cluster."


def test_duplicates_name_both_targets_and_every_rollout() -> None:
    one = only(twice(PAY, CART, scrapes=(scraped(CART, PAY), scraped(CART, PAY, target=B))))

    assert one.subjects == (Subject("Target", "", NAME_A), Subject("Target", "", NAME_B))
    assert one.evidence == {"targets": [dict(A), dict(B)], "rollouts": ["shop/cart", "shop/pay"]}


# label


def test_a_target_that_does_not_rename_is_no_finding() -> None:
    scrapes = (scraped(CART), scraped(PAY, target=B, renamed=True, namespace_label="argo"))
    one = only(twice(CART, PAY, scrapes=scrapes))

    assert one.subjects == (Subject("Target", "", NAME_B),)
    assert one.evidence == {"target": dict(B), "namespace": "argo"}


def test_an_empty_namespace_label_is_shown_as_such() -> None:
    one = only(twice(CART, scrapes=(scraped(CART, renamed=True),)))

    assert say(ENGLISH, one.summary).startswith(f'{NAME_A} has a label namespace of its own (""), ')


# pipeline


def test_a_target_that_is_down_and_still_is_down() -> None:
    observation = FleetObservation(targets=(DOWN,), down=frozenset({A}), still=frozenset({A}))

    assert [one.cause for one in pipeline_target(unseen_pipeline(observation))] == ["down"]


def test_each_target_that_is_wrong_is_a_finding() -> None:
    observation = FleetObservation(targets=(DOWN, target(B)), down=frozenset({A}), still=frozenset({B}))

    assert [(one.cause, one.subjects[0].name) for one in pipeline_target(unseen_pipeline(observation))] == [
        ("down", NAME_A),
        ("still", NAME_B),
    ]


def test_no_target_of_the_controller_is_a_finding_about_its_service() -> None:
    (one,) = pipeline_target(
        unseen_pipeline(FleetObservation(targets=()), scope=Scope(controller_namespace="argo", service="metrics"))
    )

    assert one.subjects == (Subject("Service", "argo", "metrics"),)
    assert "argo/metrics" in say(ENGLISH, one.summary)


def test_targets_that_are_not_listed_are_no_finding() -> None:
    assert list(pipeline_target(unseen_pipeline(FleetObservation(targets=None)))) == []


def test_metrics_without_a_target_are_not_a_missing_target() -> None:
    pushed = FleetObservation(targets=(), brackets=(bracket(CART),))

    assert list(pipeline_target(unseen_pipeline(pushed))) == []


def test_where_targets_are_listed_the_list_says_which_stand_still() -> None:
    observation = FleetObservation(targets=(target(B),), brackets=(bracket(CART, stale=(B,)),))

    assert list(pipeline_target(unseen_pipeline(observation))) == []


def test_where_targets_are_not_listed_a_stale_one_is_found_by_its_samples() -> None:
    observation = FleetObservation(targets=None, brackets=(bracket(CART), bracket(CART, scrapes=(), stale=(B,))))

    assert [(one.cause, one.subjects) for one in pipeline_target(unseen_pipeline(observation))] == [
        ("still", (Subject("Target", "", NAME_B),))
    ]


@pytest.mark.parametrize(
    ("observation", "found"),
    [
        pytest.param(FleetObservation(targets=(target(),), brackets=(SILENT,), silent=True), True, id="up and silent"),
        pytest.param(FleetObservation(targets=(target(),), brackets=(SILENT,)), False, id="not silent"),
        pytest.param(FleetObservation(targets=None, brackets=(SILENT,), silent=True), True, id="targets unknown"),
        pytest.param(FleetObservation(targets=(), brackets=(SILENT,), silent=True), False, id="no target"),
        pytest.param(
            FleetObservation(targets=(DOWN,), down=frozenset({A}), brackets=(SILENT,), silent=True),
            False,
            id="all down",
        ),
        pytest.param(
            FleetObservation(targets=(target(),), still=frozenset({A}), brackets=(SILENT,), silent=True),
            False,
            id="all still",
        ),
        pytest.param(
            FleetObservation(targets=(DOWN, target(B)), down=frozenset({A}), brackets=(SILENT,), silent=True), True,
            id="one up"),
    ],
)  # fmt: skip
def test_silence_is_a_finding_while_some_target_is_up(observation: FleetObservation, *, found: bool) -> None:
    assert bool(list(pipeline_emitter(unseen_pipeline(observation)))) == found


def test_silence_names_the_targets_that_are_up() -> None:
    observation = FleetObservation(targets=(DOWN, target(B)), down=frozenset({A}), brackets=(SILENT,), silent=True)
    (one,) = pipeline_emitter(unseen_pipeline(observation))

    assert one.evidence == {"targets": [{"target": NAME_B, "url": "http://10.0.0.2:8090/metrics", "up": True}]}


# Commands


HOSTILE = [
    "cart; rm -rf ~",
    "$(reboot)",
    "`reboot`",
    "it's",
    'a"b',
    "a\\b",
    "a b\tc",
    "a\nb",
    "*",
    "{}",
    "&&",
    "-o=x",
    "",
    "쇼핑",
]


def commands(text: str) -> list[list[str]]:
    """The commands as the words that a shell makes of them."""
    lexer = shlex.shlex(text.replace("\nkubectl ", "\n;kubectl ").replace("\ncurl ", "\n;curl "), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: list[list[str]] = [[]]
    for word in lexer:
        if word.startswith(";"):
            found.append([])
        found[-1].append(word.removeprefix(";"))
    return found


def promql(command: list[str]) -> str:
    """The query that a command asks Prometheus."""
    if command[0] == "curl":
        (query,) = (word.removeprefix("query=") for word in command if word.startswith("query="))
        return query
    return parse_qs(urlsplit(command[-1]).query)["query"][0]


def matchers(query: str) -> dict[str, str]:
    """The values of a selector's matchers by label."""
    parsed = promql_parser.parse(query)
    assert isinstance(parsed, promql_parser.VectorSelector)
    return {one.name: one.value for one in parsed.matchers.matchers}


PROXY = "/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy"
ACCESSES = {
    "plain": ACCESS,
    "in a context": Access(context="prod; reboot"),
    "with a hostile URL": Access(prometheus="http://prometheus/$(reboot)?it's"),
    "of one cluster": Access(matchers=('cluster="a\\"b"', "replica!~'x|$y'".replace("'", '"'))),
    "through the API server": Access(prometheus=PROXY, context="prod", matchers=('cluster="a&b=c"',)),
}


@pytest.mark.parametrize("access", ACCESSES.values(), ids=ACCESSES)
@pytest.mark.parametrize("id_", FOUND)
def test_reproduce_commands_are_valid_shell_and_valid_promql(id_: str, access: Access) -> None:
    comparison, observation, _ = FOUND[id_]
    found = commands(only(comparison, observation, access).reproduce)

    assert {words[0] for words in found} <= {"kubectl", "curl"}
    for words in found:
        assert not access.context or words[0] == "curl" or words[1:3] == ["--context", access.context]
        if any("query=" in word for word in words):
            promql_parser.parse(promql(words))
    if access.prometheus.startswith("/"):
        assert all(words[0] == "kubectl" for words in found)


@pytest.mark.parametrize("access", [ACCESS, ACCESSES["of one cluster"], ACCESSES["through the API server"]])
def test_a_command_asks_for_the_rollout_within_the_matchers(access: Access) -> None:
    kubectl, asked_ = commands(only(*FOUND["accuracy/phase/drift"][:2], access).reproduce)
    found = matchers(promql(asked_))

    assert kubectl[-5:] == ["get", "rollouts.argoproj.io", "cart", "-o", "jsonpath={.status.conditions}"]
    assert kubectl[-7:-5] == ["-n", "shop"]
    assert {"__name__": INFO, "namespace": "shop", "name": "cart"}.items() <= found.items()
    assert len(found) == 3 + len(access.matchers)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_stays_one_word(hostile: str) -> None:
    one = only(twice(CART, scrapes=(scraped(CART, rollout(hostile, namespace=hostile)),)))
    kubectl, curl = commands(one.reproduce)

    assert kubectl == [
        "kubectl", "-n", hostile, "get", "rollouts.argoproj.io", hostile, "-o", "jsonpath={.metadata.uid}",
    ]  # fmt: skip
    assert [word[:6] for word in curl] == ["curl", "-sG", "--data", "query=", "http:/"]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("access", [ACCESS, ACCESSES["through the API server"]], ids=["curl", "proxy"])
def test_a_hostile_name_stays_one_value_in_promql(hostile: str, access: Access) -> None:
    one = only(twice(CART, scrapes=(scraped(CART, rollout(hostile, namespace=hostile)),)), None, access)
    found = matchers(promql(commands(one.reproduce)[1]))

    assert (found["namespace"], found["name"]) == (hostile, hostile)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_target_stays_one_value_in_promql(hostile: str) -> None:
    foreign = labels({"instance": hostile, "job": hostile})
    one = only(twice(CART, scrapes=(scraped(CART), scraped(PAY, target=foreign))))
    found = matchers(promql(commands(one.reproduce)[0]))

    assert (found["instance"], found["job"]) == (hostile, hostile)


def test_a_renamed_namespace_is_asked_for_by_its_new_name() -> None:
    shown = replace(wrong(CART), renamed=True, namespace_label="argo-rollouts")
    (one,) = accuracy_phase(compared(twice(CART, scrapes=(shown,))))
    found = matchers(promql(commands(one.reproduce)[1]))

    assert found == {"__name__": INFO, "exported_namespace": "shop", "name": "cart"}


def test_a_namespace_that_only_another_target_renames_is_asked_for_by_its_own_name() -> None:
    comparison = twice(CART, PAY, scrapes=(wrong(CART), scraped(PAY, target=B, renamed=True)))
    (one,) = accuracy_phase(compared(comparison))

    assert matchers(promql(commands(one.reproduce)[1]))["namespace"] == "shop"


def test_a_command_for_a_missing_gauge_asks_for_the_gauges() -> None:
    command = commands(only(*FOUND["coverage/missing/partly"][:2]).reproduce)[1]

    assert re.fullmatch(matchers(promql(command))["__name__"], UPDATED)


def test_a_command_for_replicas_shows_both_the_spec_and_the_status() -> None:
    kubectl, curl = commands(only(*FOUND["accuracy/replicas/drift"][:2]).reproduce)

    assert kubectl[-1] == "jsonpath={.spec.replicas} {.status}"
    assert matchers(promql(curl))["__name__"] == "rollout_info_replicas_.+"


def test_an_emitter_that_is_silent_is_counted_by_target() -> None:
    (command,) = commands(only(*FOUND["pipeline/emitter/silent"][:2]).reproduce)

    assert promql(command) == f"count by (job, instance) ({INFO}{{}})"
