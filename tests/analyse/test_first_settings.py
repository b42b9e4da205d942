"""Which settings follow from what was found."""

from dataclasses import replace

import pytest

from maintainer.analyse.first_settings import first_settings
from maintainer.model.facts import Unavailable
from maintainer.model.first_look import FirstLook, FirstSettings, PrometheusService
from maintainer.model.message import message
from maintainer.model.pipeline import Pod, Port, Service

LABELS = {"app.kubernetes.io/name": "argo-rollouts", "pod-template-hash": "1"}
SELECTOR = {"app.kubernetes.io/name": "argo-rollouts"}
METRICS = (Port("metrics", 8090, "8090"),)
CENTRAL = PrometheusService("central/prometheus:9090", "http://prometheus.central.svc:9090")
OWN = PrometheusService("monitoring/prometheus:9090", "http://prometheus.monitoring.svc:9090")
EMPTY = FirstLook(
    prometheus=(), controllers=(), services=(), dashboards=(), alertmanagers=(), releases=(), time_zone="Asia/Seoul"
)


def controller(namespace: str = "rollouts", *arguments: str) -> Pod:
    return Pod(namespace, "argo-rollouts-1", LABELS, words=arguments)


def service(name: str, namespace: str = "rollouts", ports: tuple[Port, ...] = METRICS) -> Service:
    return Service(namespace, name, SELECTOR, ports)


def said(settings: FirstSettings) -> set[str]:
    """The ids of what the user is told at once."""
    return {note.id for note in settings.notes}


def test_the_current_context_is_chosen_and_the_others_are_named() -> None:
    settings = first_settings(replace(EMPTY, contexts=("a", "b", "c"), context="b"))

    assert settings.values["cluster.context"] == "b"
    assert settings.remarks["cluster.context"] == message("init/contexts.others", names="a, c")


def test_without_a_current_context_the_first_is_offered() -> None:
    settings = first_settings(replace(EMPTY, contexts=("a", "b")))

    assert "cluster.context" not in settings.values
    assert settings.offers["cluster.context"] == "a"
    assert settings.remarks["cluster.context"] == message("init/contexts.no-current", names="a, b")


def test_the_helm_releases_of_the_monitoring_are_what_reconcile_compares_with() -> None:
    settings = first_settings(replace(EMPTY, releases=("a/b", "c/d")))

    assert settings.values["desired.helmReleases"] == ("a/b", "c/d")
    none = first_settings(EMPTY)
    assert "desired.helmReleases" not in none.values
    assert none.remarks["desired.helmReleases"].id == "init/releases.none"


def test_the_only_prometheus_is_chosen() -> None:
    outside = first_settings(replace(EMPTY, prometheus=(OWN,)))
    inside = first_settings(replace(EMPTY, prometheus=(OWN,), inside=True))

    assert outside.values["prometheus.service"] == "monitoring/prometheus:9090"
    assert dict(outside.remarks["prometheus.service"].params) == {"url": OWN.url}
    assert inside.values["prometheus.url"] == OWN.url
    assert "prometheus.service" not in inside.values
    assert "init/prometheus.none" not in said(outside) | said(inside)


def test_of_several_prometheus_none_is_chosen_and_the_first_is_offered() -> None:
    settings = first_settings(replace(EMPTY, prometheus=(CENTRAL, OWN)))

    assert not settings.values.keys() & {"prometheus.service", "prometheus.url"}
    assert settings.offers["prometheus.service"] == CENTRAL.service
    names = f"{CENTRAL.service}, {OWN.service}"
    assert message("init/prometheus.several", names=names) in settings.notes
    assert settings.remarks["prometheus.service"].named["names"] == names


def test_no_prometheus_is_said() -> None:
    settings = first_settings(EMPTY)

    assert "init/prometheus.none" in said(settings)
    assert settings.remarks["prometheus.url"].id == "init/prometheus.none"


def test_a_prometheus_of_the_environment_is_left_to_it() -> None:
    settings = first_settings(replace(EMPTY, prometheus=(OWN,), prometheus_set=True))

    assert not {key for key in settings.values if key.startswith("prometheus")}
    assert settings.remarks["prometheus.url"] == message("init/prometheus.set")


def test_the_controller_is_set_with_its_instance_id_and_the_service_for_its_metrics() -> None:
    others = (
        service("argo-rollouts-dashboard", ports=(Port("dashboard", 3100, "3100"),)),
        service("elsewhere-metrics", "elsewhere"),
        replace(service("nobody-metrics"), selector={}),
        replace(service("other-metrics"), selector={**SELECTOR, "other": "1"}),
    )
    look = replace(
        EMPTY, controllers=(controller("rollouts", "--instance-id", "blue"),), services=(*others, service("metrics"))
    )
    settings = first_settings(look)

    assert settings.values["controller.namespace"] == "rollouts"
    assert settings.values["controller.instanceId"] == "blue"
    assert settings.values["controller.service"] == "metrics"


def test_of_several_services_for_the_metrics_none_is_chosen() -> None:
    settings = first_settings(replace(EMPTY, controllers=(controller(),), services=(service("a"), service("b"))))

    assert settings.values["controller.namespace"] == "rollouts"
    assert "controller.service" not in settings.values
    assert settings.offers["controller.service"] == "a"
    assert settings.remarks["controller.service"].named["names"] == "a, b"
    assert "init/controller.services" in said(settings)


def test_two_pods_of_a_controller_are_one_controller() -> None:
    look = replace(EMPTY, controllers=(controller(), replace(controller(), name="argo-rollouts-2")))

    assert first_settings(look).values["controller.namespace"] == "rollouts"


@pytest.mark.parametrize("other", [controller("a"), controller("rollouts", "--instance-id=blue")], ids=str)
def test_of_several_controllers_none_is_chosen(other: Pod) -> None:
    settings = first_settings(replace(EMPTY, controllers=(controller(), other)))

    assert not {key for key in settings.values if key.startswith("controller")}
    assert settings.offers["controller.namespace"] == min("rollouts", other.namespace)
    assert "init/controller.several" in said(settings)


def test_no_controller_and_no_service_for_its_metrics_are_said() -> None:
    assert "init/controller.none" in said(first_settings(EMPTY))
    alone = first_settings(replace(EMPTY, controllers=(controller(),)))
    assert "init/controller.no-service" in said(alone)
    assert alone.values["controller.namespace"] == "rollouts"


def test_what_could_not_be_read_is_said_once_and_makes_it_incomplete() -> None:
    reason = message("gap/cluster-forbidden")
    facts = tuple(Unavailable(source, reason) for source in ("services", "pods"))
    settings = first_settings(FirstLook(unavailable=facts))

    assert (settings.complete, settings.notes) == (False, (reason,))
    for key in ("controller.namespace", "prometheus.url", "grafana.dashboards"):
        assert settings.remarks[key] == message("init/not-looked")
    assert first_settings(EMPTY).complete


def test_a_controller_whose_services_could_not_be_listed_has_no_service() -> None:
    settings = first_settings(replace(EMPTY, controllers=(controller(),), services=None))

    assert settings.remarks["controller.service"] == message("init/not-looked")
    assert "init/controller.no-service" not in said(settings)


def test_the_time_zone_is_that_of_the_machine_if_it_is_known() -> None:
    assert first_settings(replace(EMPTY, time_zone="Europe/Berlin")).values["schedule.timeZone"] == "Europe/Berlin"
    unknown = first_settings(replace(EMPTY, time_zone=""))
    assert "schedule.timeZone" not in unknown.values
    assert unknown.remarks["schedule.timeZone"].id == "init/time-zone.unknown"


def test_dashboards_about_rollouts_are_set_and_alertmanagers_only_named() -> None:
    settings = first_settings(replace(EMPTY, dashboards=("a/b",), alertmanagers=("monitoring/alertmanager",)))

    assert settings.values["grafana.dashboards"] == ("a/b",)
    assert settings.remarks["alertmanager.url"].named["names"] == "monitoring/alertmanager"
    assert "alertmanager.url" not in settings.values
