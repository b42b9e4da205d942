"""Why no Prometheus of the operator selects a monitor or rules, or why a monitor does not lead to the metrics."""

import shlex
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.selected import pipeline_selected
from maintainer.analyse.pipeline.selection import label_changes
from maintainer.model.facts import FleetObservation, Unavailable
from maintainer.model.message import Message, message
from maintainer.model.operator_objects import LabelSelector, Monitor, MonitorEndpoint, Requirement, Selection
from maintainer.model.pipeline import Pod, Port, Service
from maintainer.model.report import Finding
from maintainer.render.words import load, say
from tests.analyse.builders import bracket, target
from tests.analyse.pipeline.builders import CART, controller, pod, rule
from tests.analyse.pipeline.operated import (
    METRICS,
    RELEASE,
    found,
    gaps,
    metrics_service,
    monitor,
    pod_monitor,
    prometheus,
    rules,
    selecting,
    selection,
    selector,
    unavailable,
    world,
)

ENGLISH = load("en")
OTHER = {"app": "argo-rollouts-controller"}
BARE = monitor(labels={})
ABROAD = {"namespace": "monitoring"}
WHY = message("gap/cluster-forbidden", verb="list", group="", resource="x", said="no")
NAMED = "kubernetes.io/metadata.name"


def only(one: Pipeline) -> Finding:
    (finding,) = found(one)
    return finding


def said(finding: Finding) -> str:
    assert isinstance(finding.summary, Message)
    return say(ENGLISH, finding.summary)


def commands(finding: Finding) -> list[str]:
    """The commands that make the change; one for labels is in the action as well."""
    found_ = str(finding.evidence.get("commands", "")).splitlines()
    action = say(ENGLISH, finding.action)
    assert all(f"run {command}" in action for command in found_ if " label " in command)
    return found_


MONITORS: Mapping[str, tuple[Pipeline, str, str]] = {
    "a label is missing": (
        world(BARE),
        "labels",
        "kubectl -n argo-rollouts label servicemonitor argo-rollouts release=kube-prometheus",
    ),
    "a label has another value": (
        world(monitor(labels={"release": "other"})),
        "labels",
        "kubectl -n argo-rollouts label servicemonitor argo-rollouts release=kube-prometheus --overwrite",
    ),
    "a label is one too many": (
        world(BARE, prometheuses=(selecting(ServiceMonitor=selection(selector(None, Requirement("x", "Exists")))),)),
        "labels",
        "kubectl -n argo-rollouts label servicemonitor argo-rollouts x=true",
    ),
    "a label must not be there": (
        world(
            monitor(labels={"x": "1"}),
            prometheuses=(selecting(ServiceMonitor=selection(selector(None, Requirement("x", "DoesNotExist")))),),
        ),
        "labels",
        "kubectl -n argo-rollouts label servicemonitor argo-rollouts x-",
    ),
    "no label can match": (
        world(
            BARE,
            prometheuses=(selecting(ServiceMonitor=selection(selector({"x": "1"}, Requirement("x", "DoesNotExist")))),),
        ),
        "labels",
        "",
    ),
    "nothing is selected": (
        world(monitor(), prometheuses=(selecting(ServiceMonitor=selection(None)),)),
        "nothing",
        "kubectl -n monitoring patch prometheus k8s --type merge -p "
        """'{"spec":{"serviceMonitorSelector":{"matchLabels":{"release":"kube-prometheus"}}}}'""",
    ),
    "the configuration is written by hand": (
        world(
            monitor(),
            prometheuses=(selecting(ServiceMonitor=selection(None), PodMonitor=selection(None)),),
        ),
        "nothing",
        "",
    ),
    "only its own namespace": (
        world(monitor(), prometheuses=(selecting(ServiceMonitor=selection(selector(RELEASE), None)),)),
        "namespace",
        "kubectl -n monitoring patch prometheus k8s --type merge -p "
        """'{"spec":{"serviceMonitorNamespaceSelector":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","""
        """"operator":"In","values":["argo-rollouts","monitoring"]}]}}}'""",
    ),
    "another namespace by its name": (
        world(
            monitor(),
            prometheuses=(selecting(ServiceMonitor=selection(selector(RELEASE), selector({NAMED: "monitoring"}))),),
        ),
        "namespace",
        "kubectl -n monitoring patch prometheus k8s --type merge -p "
        """'{"spec":{"serviceMonitorNamespaceSelector":{"matchLabels":null,"matchExpressions":[{"key":"""
        """"kubernetes.io/metadata.name","operator":"In","values":["argo-rollouts","monitoring"]}]}}}'""",
    ),
    "another namespace by a label": (
        world(
            monitor(),
            prometheuses=(selecting(ServiceMonitor=selection(selector(RELEASE), selector({"team": "sre"}))),),
        ),
        "namespace",
        "kubectl label namespace argo-rollouts team=sre --overwrite",
    ),
    "no Prometheus at all": (world(monitor(), prometheuses=()), "no-prometheus", ""),
    "its namespaceSelector leaves the controller out": (
        world(monitor(**ABROAD)),
        "outside",
        "kubectl -n monitoring patch servicemonitor argo-rollouts --type merge -p "
        """'{"spec":{"namespaceSelector":{"matchNames":["argo-rollouts"]}}}'""",
    ),
    "a namespaceSelector that is ignored": (
        world(
            monitor(**ABROAD, namespaces=("argo-rollouts",)),
            prometheuses=(prometheus(own_namespace_only=True),),
        ),
        "ignored",
        "",
    ),
    "its selector matches no Service": (
        world(monitor(selector=selector(OTHER))),
        "other-service",
        "kubectl -n argo-rollouts patch servicemonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/selector","value":{"matchLabels":"""
        """{"app.kubernetes.io/name":"argo-rollouts-metrics"}}}]'""",
    ),
    "the Service has no labels": (
        world(monitor(selector=selector(OTHER)), services=(metrics_service(labels={}),)),
        "other-service",
        "kubectl -n argo-rollouts label service argo-rollouts-metrics app=argo-rollouts-controller",
    ),
    "there is no Service": (world(monitor(), services=()), "no-service", ""),
    "a port that the Service does not have": (
        world(monitor(endpoints=(MonitorEndpoint("http"),))),
        "port",
        "kubectl -n argo-rollouts patch servicemonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/endpoints/0/port","value":"metrics"}]'""",
    ),
    "the number of a port": (
        world(monitor(endpoints=(MonitorEndpoint("8090"),))),
        "port",
        "kubectl -n argo-rollouts patch servicemonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/endpoints/0/port","value":"metrics"}]'""",
    ),
    "a target port that no pod has": (
        world(monitor(endpoints=(MonitorEndpoint("", "9090"),))),
        "port",
        "kubectl -n argo-rollouts patch servicemonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/endpoints/0/port","value":"metrics"}]'""",
    ),
    "the port of the Service has no name": (
        world(monitor(), services=(metrics_service(Port("", 8090, "metrics")),)),
        "port",
        "kubectl -n argo-rollouts patch service argo-rollouts-metrics --type json -p "
        """'[{"op":"add","path":"/spec/ports/0/name","value":"metrics"}]'""",
    ),
    "it is not sure which port of the Service is right": (
        world(monitor(), services=(metrics_service(Port("a", 1, "1"), Port("b", 2, "2")),)),
        "port",
        "",
    ),
    "the right port is known by its number": (
        world(monitor(), services=(metrics_service(Port("a", 1, "1"), Port("b", 80, "8090")),)),
        "port",
        "kubectl -n argo-rollouts patch servicemonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/endpoints/0/port","value":"b"}]'""",
    ),
    "no endpoint": (world(monitor(endpoints=())), "no-endpoint", ""),
    "a monitor by annotations does not replace it": (
        world(
            BARE, pod_monitor(name="annotated", selector=selector(), namespaces=None, endpoints=(MonitorEndpoint(),))
        ),
        "labels",
        "kubectl -n argo-rollouts label servicemonitor argo-rollouts release=kube-prometheus",
    ),
    "another path": (
        world(monitor(endpoints=(MonitorEndpoint("metrics", path="/actuator/prometheus"),))),
        "path",
        "kubectl -n argo-rollouts patch servicemonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/endpoints/0/path","value":"/metrics"}]'""",
    ),
    "a PodMonitor without the label": (
        world(pod_monitor(labels={})),
        "labels",
        "kubectl -n argo-rollouts label podmonitor argo-rollouts release=kube-prometheus",
    ),
    "a PodMonitor with the Service's labels": (
        world(pod_monitor(selector=selector(METRICS))),
        "other-pod",
        "kubectl -n argo-rollouts patch podmonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/selector","value":{"matchLabels":{"app":"argo-rollouts"}}}]'""",
    ),
    "a PodMonitor with a port that no container has": (
        world(pod_monitor(endpoints=(MonitorEndpoint("http-metrics"),))),
        "port",
        "kubectl -n argo-rollouts patch podmonitor argo-rollouts --type json -p "
        """'[{"op":"add","path":"/spec/podMetricsEndpoints/0/port","value":"metrics"}]'""",
    ),
    "a PodMonitor beside Prometheus": (
        world(pod_monitor(**ABROAD)),
        "outside",
        "kubectl -n monitoring patch podmonitor argo-rollouts --type merge -p "
        """'{"spec":{"namespaceSelector":{"matchNames":["argo-rollouts"]}}}'""",
    ),
}


@pytest.mark.parametrize(("one", "cause", "command"), MONITORS.values(), ids=MONITORS)
def test_a_monitor_of_a_controller_whose_metrics_do_not_arrive_is_explained(
    one: Pipeline, cause: str, command: str
) -> None:
    finding = only(one)
    monitored = one.facts.operated.monitors[0]
    kind, namespace, name = monitored.kind, monitored.namespace, monitored.name

    assert (finding.cause, finding.severity) == (cause, "error")
    assert [str(subject) for subject in finding.subjects] == [f"{kind}/{namespace}/{name}"]
    assert commands(finding) == ([command] if command else [])
    assert f"{kind} {namespace}/{name}" in said(finding)


def test_a_finding_says_the_object_the_prometheus_the_selector_and_the_labels() -> None:
    finding = only(world(monitor(labels={"release": "other"})))

    assert said(finding) == (
        "No Prometheus selects ServiceMonitor argo-rollouts/argo-rollouts: "
        "the serviceMonitorSelector of Prometheus monitoring/k8s needs the label release=kube-prometheus."
    )
    assert finding.evidence["labels"] == {"release": "other"}
    assert finding.evidence["selectors"] == [
        {
            "prometheus": "Prometheus monitoring/k8s",
            "selector": "release=kube-prometheus",
            "namespaceSelector": "(everything)",
        }
    ]
    assert say(ENGLISH, finding.action) == (
        "Have a Prometheus select ServiceMonitor argo-rollouts/argo-rollouts: "
        "run kubectl -n argo-rollouts label servicemonitor argo-rollouts release=kube-prometheus --overwrite"
    )
    assert finding.reproduce.splitlines() == [
        "kubectl -n argo-rollouts get servicemonitor argo-rollouts -o yaml",
        "kubectl get prometheus --all-namespaces -o custom-columns=NAME:.metadata.name,"
        "OBJECTS:.spec.serviceMonitorSelector,NAMESPACES:.spec.serviceMonitorNamespaceSelector",
        "kubectl -n argo-rollouts get services --show-labels",
    ]


def test_all_that_is_wrong_is_said_at_once() -> None:
    own = selecting(ServiceMonitor=selection(selector(RELEASE), None))
    finding = only(world(monitor(labels={}, endpoints=(MonitorEndpoint("http", path="/"),)), prometheuses=(own,)))

    assert finding.cause == "labels+namespace+port+path"
    assert len(commands(finding)) == 4


def test_of_several_prometheuses_the_nearest_is_named() -> None:
    far = prometheus("far", selections={"ServiceMonitor": selection(selector({"a": "b"}), None)})
    finding = only(world(BARE, prometheuses=(far, prometheus("near"))))

    assert "Prometheus monitoring/near" in said(finding)
    assert "far" not in said(finding)
    rows = finding.evidence["selectors"]
    assert isinstance(rows, list)
    assert [row["prometheus"] for row in rows if isinstance(row, dict)] == [
        "Prometheus monitoring/far",
        "Prometheus monitoring/near",
    ]


EVERYTHING = selection(LabelSelector())
FINE: Mapping[str, Pipeline] = {
    "it is selected": world(monitor()),
    "everything is selected": world(BARE, prometheuses=(selecting(ServiceMonitor=EVERYTHING),)),
    "one of several selects it": world(BARE, prometheuses=(prometheus(), selecting(ServiceMonitor=EVERYTHING))),
    "a label that must not have a value is not there": world(
        BARE,
        prometheuses=(selecting(ServiceMonitor=selection(selector(None, Requirement("tier", "NotIn", ("test",))))),),
    ),
    "an agent selects it": world(
        BARE, prometheuses=(prometheus(), prometheus(kind="PrometheusAgent", selections={"ServiceMonitor": EVERYTHING}))
    ),
    "its namespace is selected by a label": world(
        monitor(),
        prometheuses=(selecting(ServiceMonitor=selection(selector(RELEASE), selector({"team": "delivery"}))),),
    ),
    "its namespace is selected by its name": world(
        monitor(),
        namespaces=None,
        prometheuses=(selecting(ServiceMonitor=selection(selector(RELEASE), selector({NAMED: "argo-rollouts"}))),),
    ),
    "it looks everywhere": world(monitor(**ABROAD, namespaces=None)),
    "a second endpoint is right": world(monitor(endpoints=(MonitorEndpoint("http"), MonitorEndpoint("metrics")))),
    "a port that is a regular expression": world(monitor(endpoints=(MonitorEndpoint("http|metrics"),))),
    "a target port by its number": world(monitor(endpoints=(MonitorEndpoint("", "8090"),))),
    "a port of every name": world(monitor(endpoints=(MonitorEndpoint(),))),
    "no pod to compare a target port with": world(
        monitor(endpoints=(MonitorEndpoint("", "9090"),)), own={"both": controller(pods=())}
    ),
    "a path that a relabelling sets": world(monitor(endpoints=(MonitorEndpoint("metrics", path=None),))),
    "a path without its slash": world(monitor(endpoints=(MonitorEndpoint("metrics", path="metrics"),))),
    "another monitor is right": world(BARE, pod_monitor()),
    "an application whose name begins alike": world(
        monitor(name="argo-rollouts-demo", labels={}, selector=selector({"app": "argo-rollouts-demo"}))
    ),
    "the dashboard's": world(
        monitor(name="argo-rollouts-dashboard", labels={}, selector=selector({"app": "dashboard"}))
    ),
    "a monitor of all pods for something else, such as Istio's": world(
        pod_monitor(
            name="envoy-stats",
            namespace="istio-system",
            selector=selector(None, Requirement("istio-prometheus-ignore", "DoesNotExist")),
            namespaces=None,
            endpoints=(MonitorEndpoint(path="/stats/prometheus"),),
        )
    ),
    "a monitor of all pods of the controller's namespace": world(
        pod_monitor(name="all", labels={}, selector=selector()),
        own={"both": controller(pods=(pod(), Pod("argo-rollouts", "web", {"app": "web"})))},
    ),
    "a monitor of many Services that no Prometheus selects": world(
        monitor(name="all", labels={}, selector=selector(), namespaces=None, endpoints=(MonitorEndpoint("http"),)),
        services=(metrics_service(), Service("shop", "web", labels={"app": "web"})),
    ),
    "a monitor of many Services is right": world(
        BARE,
        monitor(name="all", selector=selector(), namespaces=None),
        services=(metrics_service(), Service("shop", "web", labels={"app": "web"})),
    ),
    "somebody else's": world(monitor(name="web", labels={}, selector=selector({"app": "web"}))),
    "a PodMonitor that is selected": world(pod_monitor()),
    "metrics arrive": world(BARE, seen=FleetObservation(targets=(target(),), brackets=(bracket(CART),))),
    "a target is up": world(BARE, seen=FleetObservation(targets=(target(),), brackets=(bracket(CART, scrapes=()),))),
    "no controller is known": world(BARE, services=(), own={"both": controller(service=None, pods=())}),
    "nothing of the operator": world(),
}


@pytest.mark.parametrize("one", FINE.values(), ids=FINE)
def test_what_is_right_or_does_not_matter_is_not_mentioned(one: Pipeline) -> None:
    assert (found(one), gaps(one)) == ((), ())


def abroad(kind: str) -> Pipeline:
    """A monitor without the label in another namespace, where another controller runs."""
    there = metrics_service()
    elsewhere = type(there)("team-a", "argo-rollouts-metrics", there.selector, there.ports, there.labels)
    made = {"ServiceMonitor": monitor, "PodMonitor": pod_monitor}[kind](namespace="team-a", labels={})
    return world(made, services=(there, elsewhere))


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PodMonitor"])
def test_the_monitor_of_another_controller_is_not_this_controllers(kind: str) -> None:
    assert found(abroad(kind)) == ()


@pytest.mark.parametrize("made", [monitor, pod_monitor])
def test_a_monitor_of_any_name_that_selects_only_the_controller_is_meant_for_it(made: Callable[..., Monitor]) -> None:
    plain, own = {"x": "y"}, controller(pods=(pod(labels={"x": "y"}),), service=metrics_service(selector={"x": "y"}))
    services = (metrics_service(labels=plain, selector=plain),)

    assert (
        only(world(made(name="web", labels={}, selector=selector(plain)), services=services, own={"both": own})).cause
        == "labels"
    )


RULES = rules(labels={})
LABEL = "kubectl -n argo-rollouts label prometheusrule rollouts release=kube-prometheus"


class Unread(dict[str, Selection]):
    """Selections that nobody may look at."""

    def __contains__(self, kind: object) -> bool:
        raise AssertionError(kind)


def test_rules_about_something_else_are_compared_with_no_prometheus() -> None:
    """A cluster may have thousands of both."""
    others = (rules(rule("Down", "up == 0"), labels={}),)

    assert list(pipeline_selected(world(rules=others, prometheuses=(prometheus(selections=Unread()),)))) == []


def test_rules_about_rollouts_that_no_prometheus_selects_are_found_although_metrics_arrive() -> None:
    finding = only(world(rules=(RULES,), seen=FleetObservation(targets=(target(),), brackets=(bracket(CART),))))

    assert (finding.cause, [str(subject) for subject in finding.subjects]) == (
        "labels",
        ["PrometheusRule/argo-rollouts/rollouts"],
    )
    assert (commands(finding), finding.evidence["rules"]) == ([LABEL], ["RolloutFailed"])
    assert "the ruleSelector of Prometheus monitoring/k8s needs the label release=kube-prometheus" in said(finding)


def test_rules_are_found_that_read_the_metrics_through_a_recorded_series() -> None:
    record = rule("rollouts:failed", 'count(rollout_info{phase="Error"})', asks="record")
    indirect = rules(rule("Many", "rollouts:failed > 3"), name="indirect", labels={})

    assert only(world(rules=(rules(record), indirect), loaded=())).evidence["rules"] == ["Many"]


RULES_FINE: Mapping[str, Pipeline] = {
    "they are selected": world(rules=(rules(),)),
    "they are loaded from elsewhere": world(rules=(RULES,), loaded=(rule(),)),
    "they are about something else": world(rules=(rules(rule("Down", "up == 0"), labels={}),)),
    "a ruler selects them": world(
        rules=(RULES,),
        prometheuses=(prometheus(), prometheus(kind="ThanosRuler", selections={"PrometheusRule": EVERYTHING})),
    ),
    "no object could select them": world(rules=(RULES,), prometheuses=()),
}


@pytest.mark.parametrize("one", RULES_FINE.values(), ids=RULES_FINE)
def test_rules_that_are_selected_or_loaded_or_not_ours_are_not_mentioned(one: Pipeline) -> None:
    assert (found(one), gaps(one)) == ((), ())


@pytest.mark.parametrize(
    "source", ["servicemonitors", "podmonitors", "prometheuses", "service-list", "namespace-labels"]
)
def test_a_monitor_is_not_judged_by_half_of_the_facts(source: str) -> None:
    assert found(unavailable(world(BARE), Unavailable(source, WHY, permanent=True))) == ()


@pytest.mark.parametrize("source", ["prometheuses", "namespace-labels"])
def test_rules_are_not_judged_by_half_of_the_facts(source: str) -> None:
    assert found(unavailable(world(rules=(RULES,)), Unavailable(source, WHY, permanent=True))) == ()


def test_without_the_controllers_pods_monitors_are_a_gap() -> None:
    one = unavailable(world(BARE), Unavailable("pods", WHY, permanent=True))

    assert (found(one), [(gap.check, gap.kind) for gap in gaps(one)]) == ((), [("pipeline/selected", "permanent")])


@pytest.mark.parametrize("source", ["prometheus", "scrapes"])
def test_it_is_a_gap_if_it_is_not_known_whether_metrics_arrive(source: str) -> None:
    lost = FleetObservation(unavailable=(Unavailable(source, WHY),))
    blind = world(BARE, seen=lost)

    assert (found(blind), [(gap.check, gap.kind) for gap in gaps(blind)]) == ((), [("pipeline/selected", "passing")])


def test_it_is_a_gap_if_it_is_not_known_whether_rules_are_loaded() -> None:
    one = unavailable(world(rules=(RULES,), loaded=None), Unavailable("rules", WHY, permanent=True))

    assert (found(one), [gap.kind for gap in gaps(one)]) == ((), ["permanent"])


def test_rules_about_something_else_are_never_a_gap() -> None:
    others = rules(rule("Down", "up == 0"), labels={})

    assert gaps(unavailable(world(rules=(others,), loaded=None), Unavailable("rules", WHY))) == ()


@pytest.mark.parametrize("source", ["prometheus", "rules", "scrapes", "pods"])
def test_without_the_operators_objects_nothing_is_a_gap(source: str) -> None:
    assert gaps(unavailable(world(), Unavailable(source, WHY))) == ()


KEYS, VALUES = st.sampled_from("abc"), st.sampled_from(["1", "2", "true"])
LABELS = st.dictionaries(KEYS, VALUES)
REQUIREMENTS = st.builds(
    Requirement,
    KEYS,
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.lists(VALUES, min_size=1).map(tuple),
)


@given(st.lists(REQUIREMENTS, max_size=4).map(tuple).map(LabelSelector), LABELS)
def test_labels_after_the_command_match_the_selector(wanted: LabelSelector, labels: dict[str, str]) -> None:
    changes = label_changes(wanted, labels)
    after = labels | {key: value for key, value in (changes or {}).items() if value is not None}
    after = {key: value for key, value in after.items() if (changes or {}).get(key, value) is not None}

    assert wanted.selects(after) == (changes is not None)
    assert bool(changes) == (changes is not None and not wanted.selects(labels))


def test_words_of_a_shell_stay_one_word() -> None:
    odd = monitor(name="argo-rollouts", namespace="argo-rollouts", labels={})
    one = world(odd, prometheuses=(selecting(ServiceMonitor=selection(selector({"a": "b c"}))),))

    (command,) = commands(only(one))
    assert shlex.split(command)[-1] == "a=b c"
