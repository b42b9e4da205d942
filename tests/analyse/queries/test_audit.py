"""Findings, gaps and the table about the queries of rules and dashboards."""

from typing import Any

import pytest

from maintainer.analyse.checks import CHECKS, QUERY_CHECKS, gaps_of
from maintainer.analyse.pipeline.dashboard import pipeline_dashboard
from maintainer.analyse.queries.audit import QueryAudit, planned_audit
from maintainer.analyse.queries.query_table import query_figures, query_table
from maintainer.model.facts import Unavailable
from maintainer.model.loaded_queries import Dashboard, LoadedQueries, QueryResults
from maintainer.model.message import message
from maintainer.model.pipeline import StoredHistograms
from maintainer.model.queries import Place
from maintainer.model.report import SEVERITIES, Finding, Gap, Subject
from maintainer.model.sections import Chip
from maintainer.model.source_text import FoundQueries, Unchecked
from maintainer.render.words import load, say
from tests.analyse.builders import bracket
from tests.analyse.queries.builders import FLEET, STILL, alert, audited, honest, loaded, one_question, panel, seen

ENGLISH = load("en")
RIGHT = 'rollout_info{phase="Error"} == 1'
STATUS = "Argo Rollouts Monitoring / Rollout Status"


def findings(audit: QueryAudit) -> list[Finding]:
    """Everything but that there is no dashboard, which most of these cases leave out."""
    return [
        finding for finding in every_finding(audit) if (finding.check, finding.cause) != ("pipeline/dashboard", "none")
    ]


def every_finding(audit: QueryAudit) -> tuple[Finding, ...]:
    """What is wrong with queries, panels, and dashboards as such."""
    found = (finding for check in QUERY_CHECKS for finding in check.finds(audit))
    return (*found, *pipeline_dashboard(audit.fleet.pipeline))


def unjudged(audit: QueryAudit) -> tuple[Gap, ...]:
    own = (gap for check in QUERY_CHECKS for gap in check.gaps(audit))
    return (*gaps_of((*audit.loaded.unavailable, *audit.results.unavailable)), *own)


def pairs(audit: QueryAudit) -> set[tuple[str, str]]:
    return {(one.check, str(subject)) for one in findings(audit) for subject in one.subjects}


def cells(audit: QueryAudit) -> dict[str, list[str]]:
    """The table in words: the cells of each row, a state with its tone."""
    (table,) = query_table(audit)
    return {str(name): [_words(cell) for cell in rest] for name, *rest in table.rows}


def _words(cell: Any) -> str:
    if isinstance(cell, Chip):
        return f"{cell.tone}: {say(ENGLISH, cell.label)}"
    return say(ENGLISH, cell)


def test_right_queries_are_no_finding() -> None:
    audit = audited(loaded(alert(RIGHT), panel("sum(rollout_info)")))

    assert (findings(audit), list(unjudged(audit))) == ([], [])


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("query/dead-selector", 'rollout_info{phase="Degraded"}'),
        ("query/always-true", 'rollout_info{phase!="Healthy"}'),
        ("query/unknown-metric", "argo_rollout_info"),
        ("query/unknown-label", 'rollout_info{rollout="cart"}'),
        ("query/deprecated", 'rollout_phase{phase="Error"} == 1'),
    ],
)
def test_what_lint_remarks_is_a_finding_of_the_same_id(check: str, text: str) -> None:
    assert pairs(audited(loaded(alert(text, "Alone")))) == {(check, "alert/Alone")}


@pytest.mark.parametrize(
    ("check", "severity", "text"),
    [
        ("query/dead-selector", "error", "rollout_info_replicas_available and rollout_info"),
        ("query/dead-selector", "error", "rollout_info_replicas_available * rollout_info > 1"),
        ("query/always-true", "error", "rollout_info unless rollout_info_replicas_available"),
        ("query/always-true", "error", "time() - rollout_info > 3600"),
        ("query/dead-selector", "error", "increase(rollout_info[1h]) > 0"),
        ("query/dead-selector", "error", "changes(analysis_run_info[1h]) > 1"),
        ("query/dead-selector", "error", "histogram_quantile(0.9, sum(rate(rollout_reconcile_bucket[5m]))) > 1"),
        ("query/dead-selector", "error", '{__name__=~"rollout_.*", phase="Degraded"}'),
        ("query/dead-selector", "warning", 'rollout_info{phase=~"Aborted|Error"} == 1'),
        ("query/dead-selector", "warning", 'analysis_run_info{name="web"}'),
        ("query/dead-selector", "info", 'increase(rollout_events_total{reason="Stuck"}[1h]) > 0'),
        ("query/unknown-label", "error", 'analysis_run_info{rollout="web"}'),
        ("query/unknown-label", "warning", 'rollout_info{kube_namespace="shop"}'),
        ("query/unknown-label", "info", 'rollout_info{label_app="shop"}'),
        ("query/unknown-metric", "error", "analysisrun_info"),
        ("query/unknown-metric", "error", "argocd_rollout_info"),
        ("query/unknown-metric", "error", "rollout_duration_seconds"),
        ("query/unknown-metric", "info", "histogram_quantile(0.9, rate(rollout_reconcile[5m])) > 1"),
    ],
)
def test_whatever_lint_proves_is_a_finding_with_the_severity_of_the_remark(
    check: str, severity: str, text: str
) -> None:
    (finding,) = findings(audited(loaded(alert(text, "Alone"))))
    assert (finding.check, finding.severity, [*map(str, finding.subjects)]) == (check, severity, ["alert/Alone"])
    assert say(ENGLISH, finding.summary).startswith("Alone: ")
    assert SEVERITIES.index(CHECKS[check].severity) <= SEVERITIES.index(finding.severity)


OF_BUCKETS = "histogram_quantile(0.9, sum by (le) (rate(rollout_reconcile_bucket[5m]))) > 1"
OF_NATIVE = "histogram_quantile(0.9, sum(rate(rollout_reconcile[5m]))) > 1"


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        (StoredHistograms(), {OF_NATIVE}),
        (StoredHistograms(classic=False, native=True), {OF_BUCKETS}),
        (StoredHistograms(native=True), set()),
    ],
)
def test_a_histogram_is_read_by_the_name_under_which_prometheus_stores_it(
    stored: StoredHistograms, wrong: set[str]
) -> None:
    asked = loaded(*(alert(text, text) for text in (OF_BUCKETS, OF_NATIVE)))
    found = findings(planned_audit(seen(queries=asked, histograms=stored)))
    assert [(one.check, one.severity) for one in found] == [("query/unknown-metric", "error")] * len(wrong)
    assert {subject.name for one in found for subject in one.subjects} == wrong


def test_the_table_says_in_part_and_perhaps_where_a_remark_is_no_error() -> None:
    warning, info = 'rollout_info{phase=~"Aborted|Error"} == 1', "rollout_reconcile > 1"
    rows = cells(audited(loaded(alert(warning, "Part"), alert(info, "Native"))))
    assert (rows["Part"][1], rows["Native"][1]) == ("warning: In part", "neutral: Perhaps")


def test_queries_of_which_the_same_is_to_be_said_share_a_finding() -> None:
    dead = 'sum(rollout_info{phase="Degraded"})'
    audit = audited(loaded(panel(dead, "A / one"), panel(f"{dead} > 1", "A / two"), alert(dead, "Failed")))
    of_panels, of_alert = sorted(findings(audit), key=lambda one: len(one.subjects), reverse=True)

    assert list(map(str, of_panels.subjects)) == ["panel/A / one", "panel/A / two"]
    assert "This panel is always empty." in say(ENGLISH, of_panels.summary)
    assert "This alert can never fire." in say(ENGLISH, of_alert.summary)
    assert "count by (phase) (rollout_info)" in of_panels.reproduce
    assert of_panels.evidence["queries"] == [
        {
            "name": f"A / {name}",
            "where": "monitoring/dashboards/argo.json",
            "query": text,
            "corrected": text.replace('="Degraded"', '=~"Timeout|Error|Abort|InvalidSpec"'),
        }
        for name, text in (("one", dead), ("two", f"{dead} > 1"))
    ]


def test_a_selector_that_no_series_has_is_no_data() -> None:
    given = loaded(panel('sum(rollout_info{job="argo"})', STATUS), alert('rollout_info{job="argo",phase="Error"}'))
    selector = 'rollout_info{job="argo"}'
    audit = audited(given, QueryResults(matched={selector: False}))

    assert pairs(audit) == {("query/no-data", f"panel/{STATUS}"), ("query/no-data", "alert/RolloutFailed")}
    assert pairs(audited(given, QueryResults(matched={selector: True}))) == set()
    assert pairs(audited(given)) == set()


def test_what_prometheus_refuses_is_an_error_in_its_own_words() -> None:
    given = loaded(panel("sum(rollout_info)", STATUS), alert(RIGHT, "Broken", error="many-to-many matching"))
    run = one_question("sum(rollout_info)").run
    audit = audited(given, QueryResults(errors={run: "too many samples"}))

    assert pairs(audit) == {("query/error", f"panel/{STATUS}"), ("query/error", "alert/Broken")}
    assert {one.evidence["error"] for one in findings(audit)} == {"too many samples", "many-to-many matching"}


def test_other_peoples_rules_that_fail_are_not_our_business() -> None:
    assert pairs(audited(loaded(alert("up == 0", error="no")))) == set()


@pytest.mark.parametrize("text", ["sum(rollout_info) fill 0 ^^", 'sum by ($group) (rollout_info{phase="Error"})'])
def test_what_cannot_be_checked_is_a_gap_and_never_a_pass(text: str) -> None:
    audit = audited(loaded(panel(text, STATUS)))

    assert findings(audit) == []
    assert [(gap.check, gap.kind) for gap in unjudged(audit)] == [("query/not-checked", "permanent")]
    assert STATUS in say(ENGLISH, next(iter(unjudged(audit))).reason)


def test_a_library_panel_is_a_gap_where_the_dashboard_is_about_rollouts() -> None:
    elsewhere = Unchecked(Place("x.json"), "A / B", message("lint/unchecked.library-panel", name="shared"))
    ours = Dashboard("monitoring/a/a.json", FoundQueries((panel("sum(rollout_info)"),), (elsewhere,)))
    others = Dashboard("monitoring/b/b.json", FoundQueries((panel("up"),), (elsewhere,)))

    assert len(list(unjudged(audited(LoadedQueries((), (ours,)))))) == 1
    assert list(unjudged(audited(LoadedQueries((), (others,))))) == []


def test_sources_that_could_not_be_read_are_gaps() -> None:
    why = message("gap/grafana-many", url="http://grafana", count=500)
    audit = audited(
        LoadedQueries(unavailable=(Unavailable("rules", why), Unavailable("dashboards", why, permanent=True)))
    )

    assert {(gap.check, gap.kind) for gap in unjudged(audit)} >= {
        ("query/dead-selector", "passing"),
        ("pipeline/dashboard", "permanent"),
        ("panel/value", "permanent"),
    }


def test_more_queries_than_one_run_asks_are_a_gap() -> None:
    given = loaded(*(panel(f"sum(rollout_info) + {number}") for number in range(203)))

    assert "3 queries were not run" in say(ENGLISH, next(iter(unjudged(audited(given)))).reason)


# The table


def test_each_rule_and_panel_has_a_row() -> None:
    total, status = "sum(rollout_info)", 'sum(rollout_info{phase="Degraded"})'
    given = loaded(panel(total, "A / total"), panel(status, "A / status"), alert(RIGHT), panel("up", "other"))
    planned_query = one_question(total)
    assert planned_query.count is not None
    results = QueryResults(
        sizes={planned_query.run: 1}, values={planned_query.count.grouped: honest(planned_query.count, FLEET)}
    )

    assert cells(audited(given, results)) == {
        "RolloutFailed": ["Alert", "ok: Yes", "ok: Evaluated", "-"],
        "A / total": ["Panel", "ok: Yes", "ok: 1 series", "ok: 3, API 3"],
        "A / status": ["Panel", "error: Never matches", "neutral: Not run", "-"],
    }


def test_the_figures_count_the_rows_that_are_fine() -> None:
    given = loaded(
        panel("sum(rollout_info)", "A / one"), panel('rollout_info{phase="Degraded"}', "A / two"), alert(RIGHT)
    )
    results = QueryResults(sizes={"sum(rollout_info)": 1})

    assert query_figures(audited(given, results)) == {
        "panels.faultless": 1,
        "panels.asked": 2,
        "alerts.able": 1,
        "alerts.asked": 1,
    }
    assert query_figures(audited(LoadedQueries())) == {}


def test_an_alert_that_reaches_nobody_or_is_not_loaded_is_not_able() -> None:
    given = loaded(alert(RIGHT), alert(RIGHT, "Other"))
    found = [
        Finding(check, "error", (Subject("alert", "", name),), "", message("a"), message("b"))
        for check, name in (("pipeline/alertmanager", "Other"), ("pipeline/rules-loaded", "NotLoaded"))
    ]

    figures = query_figures(audited(given), found)
    assert (figures["alerts.able"], figures["alerts.asked"]) == (1, 3)


def test_a_panel_of_several_queries_shows_the_worst() -> None:
    shown, other = "sum(rollout_info)", 'sum(rollout_info{job="x"})'
    results = QueryResults(sizes={shown: 1}, matched={'rollout_info{job="x"}': False})

    assert cells(audited(loaded(panel(shown), panel(other)), results))[panel(shown).name] == [
        "Panel",
        "ok: Yes",
        "warning: No such series",
        "-",
    ]


def test_a_moving_rollout_makes_an_interval_of_the_apis_side() -> None:
    text = "sum(rollout_info_replicas_desired)"
    looks = [bracket(*FLEET, after={one.key: "9" if one.name == "cart" else "7" for one in FLEET})] * 3
    planned_query = one_question(text, brackets=looks)
    assert planned_query.count is not None
    values = dict(honest(planned_query.count, FLEET)) | {("shop", "cart"): 5.0}
    audit = audited(loaded(panel(text)), QueryResults(values={planned_query.count.grouped: values}), brackets=looks)

    assert cells(audit)[panel(text).name][-1] == "ok: desired 11, API 9 to 11"


def test_each_number_of_a_panel_with_several_says_what_it_counts() -> None:
    texts = ("sum(rollout_info_replicas_desired)", 'count(rollout_info{phase="Completed"}) or vector(0)')
    counts = [planned.count for text in texts if (planned := one_question(text)).count]
    audit = audited(
        loaded(*(panel(text, "A / numbers") for text in texts)),
        QueryResults(values={count.grouped: honest(count, FLEET) for count in counts}),
    )

    assert cells(audit)["A / numbers"][-1] == "ok: desired 9, API 9; Completed 3, API 3"


def test_without_queries_about_rollouts_there_is_no_table() -> None:
    assert list(query_table(audited(loaded(panel("up"))))) == []
    assert list(query_table(audited(LoadedQueries()))) == []
    assert STILL[0].scrapes
