"""What was edited in the cluster is written into the chart where Helm proves that it is right, and nowhere else."""

from collections.abc import Callable
from difflib import unified_diff
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.model.secret_text import HIDDEN
from tests.helm.charts import HELM
from tests.helm.placings import RULES, Adopted, adopted, edit_rules

pytestmark = pytest.mark.extended

Edit = Callable[[Any], object]
PIPELINE = "argo-rollouts-pipeline.rules.yml"
NEW = {
    "alert": "RolloutPaused",
    "expr": 'rollout_info{phase="Paused"} == 1\n  and on () up',
    "for": "3h",
    "labels": {"severity": "warning", "team": "shop"},
    "annotations": {"summary": "s", "description": "{{ $value }}", "runbook_url": "docs/runbooks/RolloutPaused.md"},
}


def of(alert: str, **fields: Any) -> Edit:
    """An edit of fields of an alert."""
    return edit_rules(lambda rules: rules[alert].update(fields))


def expression(alert: str, old: str, new: str) -> Edit:
    """An edit of an alert's expression."""
    return edit_rules(lambda rules: rules[alert].update(expr=rules[alert]["expr"].replace(old, new)))


def annotation(alert: str, **texts: str) -> Edit:
    return edit_rules(lambda rules: rules[alert]["annotations"].update(texts))


def config(change: Callable[[Any], object]) -> Edit:
    """An edit of prometheus.yml."""

    def edit(live: Any) -> None:
        document = yaml.safe_load(live["data"]["prometheus.yml"])
        change(document)
        live["data"]["prometheus.yml"] = yaml.safe_dump(document, sort_keys=False)

    return edit


def jobs(change: Callable[[dict[str, Any]], object]) -> Edit:
    def edit(document: Any) -> None:
        found = {job["job_name"]: job for job in document["scrape_configs"]}
        change(found)
        document["scrape_configs"] = [*found.values()]

    return config(edit)


def lines(found: Adopted, chart: str = "monitoring") -> list[str]:
    """The lines that the patch takes away and adds, without their indentation."""
    return [
        line[0] + line[1:].strip()
        for path, text in sorted(found.texts.items())
        for line in unified_diff((HELM / chart / path).read_text("utf-8").split("\n"), text.split("\n"), n=0)
        if line[:3] not in {"---", "+++"} and line[0] in "+-"
    ]


EDITS: dict[str, tuple[Edit, list[str]]] = {
    "a duration": (of("RolloutFailed", **{"for": "10m"}), ["-for: 5m", "+for: 10m"]),
    "a field that other alerts have": (of("RolloutFailed", keep_firing_for="7m"), ["+keepFiringFor: 7m"]),
    "a label": (of("RolloutStuck", labels={"severity": "info"}), ["-severity: warning", "+severity: info"]),
    "a new label": (
        of("RolloutStuck", labels={"severity": "warning", "team": "shop"}),
        ["+labels:", "+team: shop"],
    ),
    "a threshold": (
        expression("RolloutHighErrorRate", "> 0.1", "> 0.3"),
        ["-threshold: 0.1", "+threshold: 0.3"],
    ),
    "a window that stands in three places": (
        expression("RolloutHighErrorRate", "20m", "30m"),
        ["-window: 20m", "+window: 30m"],
    ),
    "a part between the braces of a template": (
        expression("RolloutHighErrorRate", "< 0.5", "< 1.5"),
        ["-) < 0.5", "+) < 1.5"],
    ),
    "a text with quotes": (
        annotation("RolloutFailed", summary='It is "broken": {{ $labels.name }}'),
        [
            '-summary: "Rollout {{ $labels.namespace }}/{{ $labels.name }} is degraded"',
            '+summary: "It is \\"broken\\": {{ $labels.name }}"',
        ],
    ),
    "a folded text": (
        annotation("RolloutStuck", description="한 줄입니다."),
        [
            "-It has been in the phase Progressing for too long, without a pause.",
            "-See: kubectl argo rollouts get rollout {{ $labels.name }} -n {{ $labels.namespace }}",
            "+한 줄입니다.",
        ],
    ),
    "what the template makes of a name": (
        annotation("RolloutFailed", runbook_url="https://runbooks/failed"),
        ["+runbookUrl: https://runbooks/failed"],
    ),
    "the time of a scrape": (
        config(lambda document: document["global"].update(scrape_timeout="9s")),
        ["-timeout: 10s", "+timeout: 9s"],
    ),
    "labels of the whole": (
        config(lambda document: document["global"].update(external_labels={"cluster": "prod"})),
        ["-externalLabels: {}", "+externalLabels:", "+cluster: prod"],
    ),
    "a line of the template": (
        jobs(lambda found: found["argo-rollouts"].update(honor_labels=False)),
        ["-honor_labels: true", "+honor_labels: false"],
    ),
    "a new line of the template": (
        jobs(lambda found: found["argo-rollouts"].update(scrape_interval="10s")),
        ['+scrape_interval: "10s"'],
    ),
    "a line less": (jobs(lambda found: found["argo-rollouts"].pop("honor_labels")), ["-honor_labels: true"]),
    "a job less": (
        jobs(lambda found: found.pop("prometheus")),
        ["-- job_name: prometheus", "-static_configs:", "-- targets: [localhost:9090]"],
    ),
    "a job less that has a switch": (
        jobs(lambda found: found.pop("kube-state-metrics")),
        ["-enabled: true", "+enabled: false"],
    ),
    "a new job": (
        jobs(lambda found: found.update(own={"job_name": "own", "static_configs": [{"targets": ["own:1"]}]})),
        [
            "-extraScrapeConfigs: []",
            "+extraScrapeConfigs:",
            "+- job_name: own",
            "+static_configs:",
            "+- targets:",
            "+- own:1",
        ],
    ),
    "a new alert": (
        edit_rules(lambda rules: rules.update(RolloutPaused=NEW)),
        [
            "+RolloutPaused:",
            "+expr: |-",
            '+rollout_info{phase="Paused"} == 1',
            "+and on () up",
            "+for: 3h",
            "+severity: warning",
            "+summary: s",
            "+description: '{{ $value }}'",
            "+labels:",
            "+team: shop",
        ],
    ),
    "another file of rules": (
        edit_rules(lambda rules: rules["ArgoRolloutsTargetDown"].update({"for": "9m"}), PIPELINE),
        ["-for: 5m", "+for: 9m"],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_written_where_its_value_comes_from(name: str) -> None:
    edit, changed = EDITS[name]
    found = adopted(edit)
    assert (found.left, found.differs) == ([], [])
    assert lines(found) == changed


def test_a_deleted_alert_goes_with_its_comments_and_no_other() -> None:
    found = adopted(edit_rules(lambda rules: rules.pop("RolloutStuck")))
    assert (found.left, found.differs) == ([], [])
    assert {line[0] for line in lines(found)} == {"-"}
    assert lines(found)[0] == "-RolloutStuck:"
    assert "RolloutReplicaMismatch" not in "".join(lines(found))


@pytest.mark.parametrize(
    ("target", "chart", "edit", "changed"),
    [
        (
            ("StatefulSet", "prometheus"),
            "monitoring",
            lambda live: _arguments(live, "--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.time=90d"),
            ["-time: 30d", "+time: 90d"],
        ),
        (
            ("Service", "argo-rollouts-metrics"),
            "argo-rollouts",
            lambda live: live["spec"].update(selector={"app.kubernetes.io/name": "rollouts"}),
            ["-app.kubernetes.io/name: argo-rollouts", "+app.kubernetes.io/name: rollouts"],
        ),
        (
            ("ClusterRole", "monitoring-prometheus"),
            "monitoring",
            lambda live: live["rules"][1].update(verbs=["get", "list", "watch", "patch"]),
            ["-verbs: [get, list, watch]", "+verbs: [get, list, watch, patch]"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_fields_of_objects_are_adopted_too(target: tuple[str, str], chart: str, edit: Edit, changed: list[str]) -> None:
    found = adopted(edit, target, chart=chart)
    assert (found.left, found.differs) == ([], [])
    assert lines(found, chart) == changed


def _arguments(live: Any, old: str, new: str) -> None:
    (container,) = live["spec"]["template"]["spec"]["containers"]
    container["args"] = [new if argument == old else argument for argument in container["args"]]


@pytest.mark.parametrize("chart", ["monitoring", "argo-rollouts"])
def test_where_nothing_was_edited_nothing_is_changed(chart: str) -> None:
    assert adopted(lambda _live: None, chart=chart) == Adopted({}, [], [], [])


def test_a_value_that_others_have_as_well_is_left_and_they_are_named() -> None:
    found = adopted(config(lambda document: document["global"].update(scrape_interval="15s")))
    assert (found.texts, found.left) == ({}, [("adopt/shared", "prometheus.yml: global/scrape_interval")])


def test_what_no_place_of_the_chart_gives_is_left_and_said() -> None:
    found = adopted(annotation("RolloutFailed", dashboard="https://grafana/d/x"))
    place = "groups/name=argo-rollouts/rules/alert=RolloutFailed/annotations/dashboard"
    assert (found.texts, found.left) == ({}, [("adopt/no-place", f"{RULES}: {place}")])


def test_a_secret_goes_into_no_patch() -> None:
    def edit(job: Any) -> None:
        job["argo-rollouts"]["basic_auth"] = {"username": "a", "password": "not for a patch"}

    found = adopted(jobs(edit))
    assert [why for why, _ in found.left] == ["adopt/secret"]
    assert not any("not for a patch" in text or HIDDEN in text for text in found.texts.values())


def test_only_what_is_asked_for_is_adopted() -> None:
    def edit(rules: dict[str, Any]) -> None:
        rules["RolloutFailed"]["for"] = "9m"
        rules["RolloutStuck"]["for"] = "99m"

    assert lines(adopted(edit_rules(edit), words=("alert/RolloutStuck",))) == ["-for: 15m", "+for: 99m"]


def test_the_chart_keeps_what_has_changed_in_it_since_and_a_place_that_both_changed_is_said() -> None:
    text = (HELM / "monitoring/values.yaml").read_text("utf-8")
    own = {"values.yaml": text.replace("for: 15m", "for: 20m", 1)}

    def edit(rules: dict[str, Any]) -> None:
        rules["RolloutStuck"]["for"] = "30m"
        rules["RolloutFailed"]["for"] = "9m"

    found = adopted(edit_rules(edit), own=own)
    place = "groups/name=argo-rollouts/rules/alert=RolloutStuck/for"
    assert found.left == [("adopt/both", f"{RULES}: {place}")]
    assert found.texts["values.yaml"].count("for: 20m") == text.count("for: 20m") + 1
    assert found.texts["values.yaml"].count("for: 9m") == text.count("for: 9m") + 1


@st.composite
def random_edits(draw: st.DrawFn) -> Edit:
    """Several edits of the guide's four alerts."""
    changes: list[Callable[[dict[str, Any]], object]] = []
    texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
    for alert in draw(st.lists(st.sampled_from(("RolloutFailed", "RolloutStuck", "RolloutHighErrorRate")), max_size=3)):
        field = draw(st.sampled_from(("for", "keep_firing_for", "expr", "summary", "description", "severity", "gone")))
        text = draw(texts)
        minutes = f"{draw(st.integers(1, 90))}m"

        def change(
            rules: dict[str, Any], *, alert: str = alert, field: str = field, text: str = text, minutes: str = minutes
        ) -> None:
            rule = rules.get(alert)
            if rule is None:
                return
            match field:
                case "expr":
                    rule["expr"] = rule["expr"].replace("[5m]", f"[{minutes}]")
                case "summary" | "description":
                    rule["annotations"] = {**rule["annotations"], field: text}
                case "severity":
                    rule["labels"] = {**rule["labels"], "severity": text}
                case "gone":
                    del rules[alert]
                case _:
                    rule[field] = minutes

        changes.append(change)
    return edit_rules(lambda rules: [change(rules) for change in changes])


@given(random_edits())
@settings(max_examples=25, deadline=None)
def test_after_any_edits_the_rendered_chart_is_the_live_one_or_the_rest_is_said(edit: Edit) -> None:
    found = adopted(edit)
    assert sorted(change.place for change in found.differs) == sorted(place for _, place in found.left)
    assert set(found.texts) <= {"values.yaml"}
