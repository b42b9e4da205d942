"""Grafana's own copies of dashboards, against what was deployed."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from maintainer.analyse.drift.audit import DriftAudit, drift_audit
from maintainer.analyse.drift.sections import drift_sections
from maintainer.analyse.reproduce import Access
from maintainer.model.drift import DashboardCopy, Deployed, DriftFacts
from maintainer.model.sections import Table
from maintainer.render.words import load, say
from tests.analyse.drift.builders import EDITED, config_map, managed, stored
from tests.analyse.drift.faults import NOW, SERVER, deployed, findings, gaps, live

URL, KEY = "https://grafana.example.com", "board.json"
PANEL = {"id": 4, "title": "all", "targets": [{"refId": "A", "expr": "sum(rollout_info)"}]}
BOARD: dict[str, Any] = {"uid": "rollouts", "title": "b", "panels": [PANEL]}
HOLDER = config_map({KEY: json.dumps(BOARD)})


def audit(copy: object, *, cluster: Any = HOLDER, provisioned: bool = True) -> DriftAudit:
    """The audit of a dashboard that is stored as it was deployed, and of which Grafana has this copy."""
    wanted = deployed(HOLDER)
    there = cluster if hasattr(cluster, "content") else live(cluster)
    text = None if copy is None else json.dumps(copy)
    own = DashboardCopy(wanted.id, KEY, "rollouts", URL, text, "kim", EDITED, provisioned)
    return drift_audit(
        DriftFacts(Deployed((wanted,)), {wanted.id: there}, copies=(own,)), access=Access(SERVER), now=NOW
    )


def english(audit: DriftAudit) -> list[str]:
    words = load("en")
    return [f"{say(words, finding.summary)} {say(words, finding.action)}" for finding in findings(audit)]


def test_a_copy_that_grafana_has_numbered_is_no_drift() -> None:
    assert findings(audit({**BOARD, "id": 12, "version": 7, "iteration": 1})) == ()


def test_a_panel_that_was_edited_in_grafana_is_found_with_who_saved_it_and_what_to_do() -> None:
    useless = {**PANEL, "targets": [{"refId": "A", "expr": "sum(rollout_info{phase='Degraded'})"}]}
    edited = audit({**BOARD, "panels": [useless]})

    (finding,) = findings(edited)
    assert (finding.check, finding.cause, finding.severity) == ("drift/changed", "grafana", "error")
    (text,) = english(edited)
    assert "The panel 4 can no longer show anything." in text
    assert "last written by kim at 2026-11-29T03:00Z" in text
    assert "maintainer adopt dashboard/rollouts" in text
    assert f"{URL}/d/rollouts (Settings, Versions)" in text
    assert f"{URL}/api/dashboards/uid/rollouts" in finding.reproduce


def test_a_dashboard_that_is_of_no_file_is_to_be_imported_again() -> None:
    (text,) = english(audit({**BOARD, "title": "c"}, provisioned=False))

    assert "import the deployed JSON again" in text


def test_a_panel_that_only_grafana_has_is_told_and_is_no_fault() -> None:
    (finding,) = findings(audit({**BOARD, "panels": [PANEL, {**PANEL, "id": 5}]}))

    assert (finding.cause, finding.severity) == ("grafana", "info")


def test_a_dashboard_that_grafana_does_not_have_is_missing() -> None:
    (finding,) = findings(audit(None))

    assert (finding.check, finding.cause, finding.severity) == ("drift/missing", "grafana", "error")
    assert str(finding.subjects[0]) == "ConfigMap/monitoring/prometheus-config"


def test_what_is_not_stored_as_it_was_deployed_is_no_second_finding() -> None:
    other = {**BOARD, "title": "c"}
    found = findings(audit(other, cluster=config_map({KEY: json.dumps(other)})))

    assert [(finding.check, finding.cause) for finding in found] == [("drift/changed", "field")]


def test_what_was_written_a_moment_ago_need_not_be_in_grafana_yet() -> None:
    entry = managed("helm", "Apply", NOW - timedelta(minutes=2), ("data", KEY))
    fresh = stored({**HOLDER, "metadata": {**HOLDER["metadata"], "managedFields": [entry]}})
    late = audit(None, cluster=fresh)

    assert findings(late) == ()
    assert [(gap.check, gap.kind) for gap in gaps(late)] == [("drift/changed", "passing")]


def test_the_table_names_the_page_of_the_dashboard() -> None:
    table, _ = drift_sections(audit({**BOARD, "title": "c"}))

    assert isinstance(table, Table)
    assert [row[:2] for row in table.rows] == [(f"{URL}/d/rollouts", f"{KEY}: title")]


def test_a_secret_in_a_copy_is_not_shown() -> None:
    board = replace(
        deployed(config_map({KEY: json.dumps({**BOARD, "links": [{"url": "https://me:hunter2@example.com"}]})}))
    )
    own = DashboardCopy(
        board.id, KEY, "rollouts", URL, json.dumps({**BOARD, "links": [{"url": "https://me:hunter3@x"}]})
    )
    facts = DriftFacts(Deployed((board,)), {board.id: live(dict(board.content))}, copies=(own,))
    found = drift_audit(facts, access=Access(SERVER), now=NOW)

    assert findings(found)
    assert "hunter" not in str([finding.evidence for finding in findings(found)]) + str([*drift_sections(found)])
