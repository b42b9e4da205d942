"""The findings of drift: one for each cause, with what it means, who did it, and the command that undoes it."""

import json
import shlex
from dataclasses import replace

import pytest

from maintainer.analyse.checks import CHECKS, DRIFT_CHECKS
from maintainer.analyse.drift.sections import drift_figures, drift_sections
from maintainer.analyse.reproduce import Access
from maintainer.model.drift import DesiredObject, ReleaseState
from maintainer.model.report import SEVERITIES, Finding
from maintainer.model.sections import Diff, Table
from maintainer.render.words import load, say
from tests.analyse.drift.builders import DEPLOYED as AT
from tests.analyse.drift.builders import config_map, desired, managed, stored
from tests.analyse.drift.faults import (
    ALERTS,
    CONFIG,
    EXTRA,
    FAULTS,
    JOBS,
    ORIGIN,
    PAUSED,
    RELEASE,
    RULES,
    audited,
    deployed,
    edited,
    findings,
    gaps,
    live,
    released,
    same,
    server,
    service,
    with_owner,
)

ENGLISH, KOREAN = load("en"), load("ko")


def fault_finding(id_: str) -> Finding:
    (finding,) = findings(FAULTS[id_].audit)
    return finding


def summary(id_: str) -> str:
    return say(ENGLISH, fault_finding(id_).summary)


@pytest.mark.parametrize("id_", FAULTS)
def test_each_fault_is_a_single_finding_of_its_check(id_: str) -> None:
    finding = fault_finding(id_)

    assert id_.startswith(finding.check)
    assert finding.severity == FAULTS[id_].severity
    assert finding.subjects
    assert finding.evidence
    assert all(shlex.split(line) for line in finding.reproduce.splitlines())
    for words in (ENGLISH, KOREAN):
        assert "{" not in say(words, finding.action).replace("{.", "")
        assert "drift/" not in say(words, finding.summary) + say(words, finding.action)


def test_the_fingerprints_of_all_faults_of_an_object_differ() -> None:
    assert len({fault_finding(id_).fingerprint for id_ in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("check", DRIFT_CHECKS, ids=lambda check: check.id)
def test_the_severity_in_the_table_is_the_worst_that_occurs(check: object) -> None:
    id_ = check.id  # type: ignore[attr-defined]  # pytest hands it on without its type
    severities = [fault.severity for fault_id, fault in FAULTS.items() if fault_id.startswith(id_)]

    assert min(severities, key=SEVERITIES.index) == CHECKS[id_].severity


def test_what_is_as_it_was_deployed_and_loaded_is_no_finding() -> None:
    assert findings(same(server())) == ()
    assert gaps(same(server())) == ()
    assert [*drift_sections(same(server()))] == []


def test_an_edit_says_where_it_is_who_made_it_and_what_it_means() -> None:
    assert summary("drift/changed/never-alert") == (
        "The alert Failed can no longer fire. ConfigMap/monitoring/prometheus-config is not as it was deployed: "
        "argo-rollouts.rules.yml: groups/name=rollouts/rules/alert=Failed/expr "
        "(last written by kubectl-edit at 2026-11-29T03:00Z)."
    )
    assert "The alert Failed now waits 1h before it fires, and not 5m." in summary("drift/changed/for")
    assert "who wrote it last is not recorded" in say(
        ENGLISH, findings(audited((deployed(service(app="a")), stored(service(app="b")))))[0].summary
    )


def test_a_query_that_was_deployed_with_the_same_fault_is_no_news() -> None:
    faulty = ALERTS.replace('"Error"', '"Degraded"')
    wanted, there = config_map({RULES: faulty}), config_map({RULES: faulty.replace("Degraded", "degraded")})

    (finding,) = findings(audited((deployed(wanted), live(there, ("data", RULES)))))

    assert (finding.severity, finding.cause) == ("warning", "field")


def test_the_series_of_a_deployed_recording_rule_are_known() -> None:
    record = "{record: failed, expr: 'sum by (phase) (rollout_info)'}"
    text = f"groups: [{{name: g, rules: [{record}, {{alert: A, expr: 'failed{{phase=\"Error\"}} > 0'}}]}}]"

    there = config_map({RULES: text.replace("Error", "Degraded")})
    (finding,) = findings(audited((deployed(config_map({RULES: text})), live(there, ("data", RULES)))))

    assert (finding.severity, finding.cause) == ("error", "never-alert")


def test_objects_that_drifted_in_the_same_way_are_one_finding() -> None:
    other = service(app="a")
    other["metadata"] = {**other["metadata"], "name": "other"}
    gone = audited((deployed(service(app="a")), None), (deployed(other), None))

    (finding,) = findings(gone)
    assert [subject.name for subject in finding.subjects] == ["argo-rollouts-metrics", "other"]
    assert finding.part is not None
    part = finding.part(frozenset({finding.subjects[1]}))
    assert part.subjects == finding.subjects[1:]
    assert "argo-rollouts-metrics" not in say(ENGLISH, part.summary) + part.reproduce


def test_several_changes_of_an_object_are_one_finding_of_the_worst() -> None:
    text = ALERTS.replace("5m", "1h").replace('"Error"', '"Degraded"')

    (finding,) = findings(edited(text))

    assert (finding.severity, finding.cause) == ("error", "never-alert")
    rows = finding.evidence["changes"]
    assert isinstance(rows, list)
    assert [row["place"].rpartition("/")[2] for row in rows] == ["expr", "for"]


def test_an_extra_beside_a_change_is_a_finding_of_its_own() -> None:
    found = findings(edited(EXTRA.replace("5m", "1h")))

    assert [(finding.check, finding.severity) for finding in found] == [
        ("drift/changed", "warning"),
        ("drift/extra", "info"),
    ]
    assert say(ENGLISH, found[1].summary).endswith("The next deployment removes it.")


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("Apply", "helm rollback --namespace monitoring monitoring 3 --force-conflicts"),
        ("Update", "helm rollback --namespace monitoring monitoring 3"),
    ],
)
def test_the_command_rolls_the_release_back_to_the_revision_that_is_deployed(operation: str, command: str) -> None:
    there = config_map({RULES: "groups: []"})
    there["metadata"]["managedFields"] = [managed("helm", operation, AT, ("data", RULES))]  # type: ignore[arg-type]  # from the table above

    finding = findings(audited((deployed(config_map({RULES: ALERTS})), stored(there))))[0]

    assert finding.action.named["command"] == command


def test_the_command_applies_the_file_again_as_it_was_applied() -> None:
    wanted, there = config_map({RULES: ALERTS}), config_map({RULES: "groups: []"})
    file = desired(wanted, "deploy/my rules.yaml")
    assert findings(audited((file, stored(there))))[0].action.named["command"] == (
        "kubectl apply -f 'deploy/my rules.yaml'"
    )

    there["metadata"]["managedFields"] = [managed("flux", "Apply", AT, ("data", RULES))]
    assert findings(audited((file, stored(there)), access=Access(context="prod")))[0].action.named["command"] == (
        "kubectl --context prod apply --server-side --force-conflicts --field-manager=flux -f 'deploy/my rules.yaml'"
    )


def test_the_command_finds_the_revision_of_an_object_that_a_file_and_helm_know() -> None:
    there = config_map({RULES: "groups: []"})
    there["metadata"]["annotations"] = {
        "meta.helm.sh/release-name": "monitoring",
        "meta.helm.sh/release-namespace": "monitoring",
    }
    command = findings(audited((desired(config_map({RULES: ALERTS})), stored(there))))[0].action.named["command"]

    assert str(command).startswith('helm rollback --namespace monitoring monitoring "$(helm history --namespace')


def test_of_a_foreign_owner_only_what_drifted_is_told_and_where_to_mend_it() -> None:
    tracked = {"argocd.argoproj.io/tracking-id": "mon:/ConfigMap:monitoring/prometheus-config"}
    (finding,) = findings(with_owner(annotations=tracked))
    assert finding.reproduce.splitlines()[-1] == (
        "kubectl get applications.argoproj.io -A --field-selector metadata.name=mon"
    )
    assert "the Git repository of the Application mon" in say(ENGLISH, finding.action)

    assert findings(edited(ALERTS, annotations=tracked)) == ()


def test_a_release_that_helm_is_changing_is_a_gap() -> None:
    (gap,) = gaps(released("pending-upgrade"))

    assert (gap.check, gap.kind) == ("drift/release", "passing")
    assert findings(released("pending-upgrade")) == ()
    assert findings(audited(releases=[ReleaseState(RELEASE, RELEASE)])) == ()


def test_the_table_has_a_row_for_each_change_and_the_diff_its_values() -> None:
    audit = edited(EXTRA.replace("5m", "1h"))

    table, diff = drift_sections(audit)

    assert isinstance(table, Table)
    assert [(row[1].rpartition("/")[2], row[3]) for row in table.rows if isinstance(row[1], str)] == [
        ("for", "kubectl-edit"),
        ("alert=Mine", "kubectl-edit"),
    ]
    assert isinstance(diff, Diff)
    head = f"# {RULES}: groups/name=rollouts/rules/alert="
    assert diff.before.splitlines() == [f"{head}Failed/for", "for: 5m", f"{head}Mine"]
    assert diff.after.splitlines() == [
        f"{head}Failed/for",
        "for: 1h",
        f"{head}Mine",
        "- alert: Mine",
        "  expr: up == 0",
    ]
    assert drift_figures(audit) == {"objects.compared": 1, "objects.as-deployed": 0, "objects.not-loaded": 0}


def test_of_a_workload_only_the_retention_counts() -> None:
    def workload(time: str, image: str) -> dict[str, object]:
        container = {"name": "prometheus", "image": image, "args": [f"--storage.tsdb.retention.time={time}"]}
        spec = {"template": {"spec": {"containers": [container]}}}
        return {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "p", "namespace": "m"},
            "spec": spec,
        }

    pair = deployed(workload("30d", "a")), stored(workload("15d", "b"))
    (finding,) = findings(audited(pair))

    assert finding.cause == "retention"
    rows = finding.evidence["changes"]
    assert isinstance(rows, list)
    assert len(rows) == 1


def test_a_broken_file_is_told_by_its_lines() -> None:
    (finding,) = findings(edited(JOBS + "]", key=CONFIG))

    assert finding.check == "drift/changed"
    assert "prometheus.yml: line=1" in say(ENGLISH, finding.summary)
    assert PAUSED not in str(finding.evidence)


def test_an_edit_of_a_panel_that_shows_nothing_any_more_is_an_error() -> None:
    board = '{"title": "b", "panels": [{"id": 4, "targets": [{"refId": "A", "expr": "sum(rollout_info)"}]}]}'
    there = config_map({"board.json": board.replace("rollout_info", "rollout_info{phase='Degraded'}")})

    (finding,) = findings(audited((deployed(config_map({"board.json": board})), live(there, ("data", "board.json")))))

    assert (finding.severity, finding.cause) == ("error", "never-panel")
    assert "The panel 4 can no longer show anything." in say(ENGLISH, finding.summary)


def test_a_prometheus_rule_is_compared_by_what_its_queries_mean() -> None:
    def rule(expr: str) -> dict[str, object]:
        groups = [{"name": "g", "rules": [{"alert": "A", "expr": expr}]}]
        metadata = {"name": "r", "namespace": "m"}
        return {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": metadata,
            "spec": {"groups": groups},
        }

    wanted = rule('rollout_info{phase="Error"} == 1')
    assert findings(audited((deployed(wanted), stored(rule('rollout_info{ phase="Error" }==1'))))) == ()

    (finding,) = findings(audited((deployed(wanted), stored(rule('rollout_info{phase="error"} == 1')))))
    assert (finding.severity, finding.cause) == ("error", "never-alert")
    assert "get prometheusrule.monitoring.coreos.com r -o yaml" in finding.reproduce


def test_no_secret_of_a_configuration_is_shown() -> None:
    text = """
receivers:
- name: a
  slack_configs: [{api_url: "https://hooks.slack.com/hunter2", channel: "#a"}]
- name: b
  webhook_configs: [{url: "https://me:hunter2@example.com/x"}]
global: {smtp_auth_password: hunter2, smtp_from: a}
"""
    edited_text = text.replace("hunter2", "hunter3").replace("#a", "#b") + "other: {bearer_token: hunter4}\n"
    for live_text in (edited_text, edited_text + "broken: ["):
        audit = audited(
            (deployed(config_map({"alertmanager.yml": text})), live(config_map({"alertmanager.yml": live_text})))
        )
        shown = str([(finding.evidence, finding.summary) for finding in findings(audit)]) + str(
            [*drift_sections(audit)]
        )

        assert "hunter" not in shown
        assert "#b" in shown


def test_a_huge_value_is_cut_in_the_diff() -> None:
    board = {"title": "b", "panels": [{"id": 1, "text": "x" * 500_000}]}
    there = config_map({"a.json": json.dumps(board), "b.txt": "y" * 500_000, "c.txt": "z\n" * 100_000})

    table, diff = drift_sections(
        audited((deployed(config_map({"a.json": '{"title": "b", "panels": []}'})), live(there)))
    )

    assert isinstance(diff, Diff)
    assert len(diff.after) < 10_000
    assert isinstance(table, Table)
    assert len(str(table.rows)) < 2_000


def test_the_command_deploys_all_objects_of_a_finding_again() -> None:
    def wanted(name: str, origin: str) -> DesiredObject:
        metadata = {"namespace": "monitoring", "name": name}
        return replace(deployed(config_map({}, metadata=metadata)), origin=origin, release=None)

    files = audited(
        (wanted("a", "one.yaml"), None), (wanted("b", "two files.yaml"), None), (wanted("c", "one.yaml"), None)
    )
    (finding,) = findings(files)
    assert finding.action.named["command"] == "kubectl apply -f one.yaml -f 'two files.yaml'"
    assert say(ENGLISH, finding.action).startswith("Deploy 3 objects again, such as ConfigMap/monitoring/a: ")

    releases = audited((replace(wanted("a", ORIGIN), release=RELEASE), None), (wanted("b", "one.yaml"), None))
    (finding,) = findings(releases)
    assert finding.action.named["command"] == (
        "helm rollback --namespace monitoring monitoring 3 --force-conflicts; kubectl apply -f one.yaml"
    )


def test_a_finding_says_in_how_many_other_places_its_object_differs() -> None:
    (finding,) = findings(edited(ALERTS.replace("5m", "1h").replace("critical", "info")))
    assert "/for and in 1 other place (last written" in say(ENGLISH, finding.summary)
    assert "1곳" in say(KOREAN, finding.summary)


def test_a_panel_that_is_gone_is_named_by_its_title() -> None:
    board = config_map({"b.json": '{"title": "b", "panels": [{"id": 4, "title": "Phases"}]}'})
    (finding,) = findings(audited((deployed(board), live(config_map({"b.json": '{"title": "b", "panels": []}'})))))
    assert (finding.severity, finding.cause) == ("warning", "no-panel")
    assert "no longer has the panel Phases." in say(ENGLISH, finding.summary)


def test_the_diff_shows_the_values_of_yaml_as_they_are_written() -> None:
    _, diff = drift_sections(edited(JOBS.replace("true", "false").replace("60s", "90"), key=CONFIG))
    assert isinstance(diff, Diff)
    assert [line for line in diff.after.splitlines() if not line.startswith("#")] == [
        "honor_labels: false",
        "scrape_interval: 90",
    ]
