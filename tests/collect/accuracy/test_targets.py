"""Which targets are a controller's, and which are down or not scraped during a run."""

from dataclasses import replace

import pytest

from maintainer.collect.accuracy.targets import controller_targets, down_and_still
from maintainer.model.facts import Target, labels
from maintainer.model.scope import Scope

NOW = 10_000.0


def target(*, scraped: float, healthy: bool = True, interval: float = 30, timeout: float = 10) -> Target:
    """A target whose last scrape was ``scraped`` seconds before the end of the run."""
    return Target(
        labels=labels({"job": "argo-rollouts", "instance": "10.0.0.1:8090"}),
        discovered={},
        pool="argo-rollouts",
        url="",
        healthy=healthy,
        down=not healthy,
        error="",
        last_scrape=NOW - scraped,
        interval=interval,
        timeout=timeout,
    )


def test_a_target_whose_turn_has_not_come_is_not_standing_still() -> None:
    """A standby is scraped at another time than the leader, and a run without findings is short."""
    same = target(scraped=29)
    assert down_and_still([same], [same], now=NOW) == (frozenset(), frozenset())


@pytest.mark.parametrize(("scraped", "still"), [(69, False), (71, True), (3600, True)])
def test_a_target_stands_still_after_two_intervals_and_a_timeout(scraped: float, *, still: bool) -> None:
    same = target(scraped=scraped)
    assert down_and_still([same], [same], now=NOW) == (frozenset(), frozenset({same.labels} if still else ()))


def test_a_target_that_was_scraped_in_between_is_well() -> None:
    assert down_and_still([target(scraped=500)], [target(scraped=400)], now=NOW) == (frozenset(), frozenset())


def test_a_target_is_down_if_it_was_down_both_times() -> None:
    up, down = target(scraped=5), target(scraped=5, healthy=False)
    assert down_and_still([down], [down], now=NOW)[0] == {down.labels}
    assert down_and_still([up], [down], now=NOW)[0] == frozenset()
    assert down_and_still([down], [up], now=NOW)[0] == frozenset()


def test_a_target_that_is_down_and_was_not_scraped_is_down_only() -> None:
    down = target(scraped=5000, healthy=False)
    assert down_and_still([down], [down], now=NOW) == (frozenset({down.labels}), frozenset())


def test_a_target_that_is_new_or_gone_is_not_judged() -> None:
    same = target(scraped=5000)
    assert down_and_still([], [same], now=NOW) == down_and_still([same], [], now=NOW) == (frozenset(), frozenset())


def test_a_target_that_was_never_scraped_is_not_down() -> None:
    new = replace(target(scraped=0), healthy=False, down=False)

    assert down_and_still([new], [new], now=NOW)[0] == frozenset()


@pytest.mark.parametrize(
    ("matcher", "ours"),
    [
        ('cluster="a"', True),
        ('cluster="b"', False),
        ('cluster=~"b|c"', False),
        ('cluster!="a"', False),
        (r'cluster=~"\\p{L}"', True),  # which Python cannot compile
        ('env="x"', True),
    ],
)
def test_a_target_that_a_matcher_speaks_against_is_another_clusters(matcher: str, *, ours: bool) -> None:
    listed = replace(target(scraped=500), labels=labels({"job": "argo-rollouts", "instance": "i", "cluster": "a"}))

    assert controller_targets([listed], (), scope=Scope(matchers=(matcher,))) == ((listed,) if ours else ())


@pytest.mark.parametrize(("port", "ours"), [("metrics", True), ("healthz", False)])
def test_of_a_controllers_pod_only_the_port_of_its_metrics_counts(port: str, *, ours: bool) -> None:
    found = {
        "__meta_kubernetes_namespace": "argo-rollouts",
        "__meta_kubernetes_pod_name": "argo-rollouts-0",
        "__meta_kubernetes_pod_label_app_kubernetes_io_name": "argo-rollouts",
        "__meta_kubernetes_pod_container_port_name": port,
    }
    listed = replace(target(scraped=500), labels=labels({"job": "kubernetes-pods", "instance": "i"}), discovered=found)

    assert controller_targets([listed], (), scope=Scope()) == ((listed,) if ours else ())


def discovered(job: str, *, healthy: bool = False, **found: str) -> Target:
    """A target of a job, with these labels of its discovery."""
    meta = {f"__meta_kubernetes_{name}": value for name, value in found.items()}
    own = labels({"job": job, "instance": "10.0.0.9:8443"})
    return replace(target(scraped=500, healthy=healthy), labels=own, discovered=meta, pool=job)


POD = "argo-rollouts-7c5d9f6b84-x2v9k"
DOWN = {
    "https-port": discovered(
        "kubernetes-pods", namespace="argo-rollouts", pod_name=POD, pod_container_port_name="https",
        pod_label_app_kubernetes_io_name="argo-rollouts"),
    "other-namespace": discovered("rollouts", namespace="delivery", service_name="argo-rollouts-metrics"),
    "other-service": discovered("kubernetes-services", namespace="argo-rollouts", service_name="my-argo-rollouts"),
    "pod-monitor": discovered("delivery/argo-rollouts", namespace="delivery", pod_name="controller-0"),
    "static": discovered("argo-rollouts-controller"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOWN)
def test_a_job_for_the_controller_that_fails_is_not_no_target(name: str) -> None:
    assert controller_targets([DOWN[name], discovered("node")], (), scope=Scope()) == (DOWN[name],)


@pytest.mark.parametrize(
    "other",
    [
        discovered("argo-rollouts-dashboard", service_name="argo-rollouts-dashboard"),
        discovered("pods", pod_name=POD, pod_container_port_name="healthz"),
        discovered("argo-rollouts-controller", healthy=True),
        discovered("argocd-metrics", service_name="argocd-metrics"),
    ],
    ids=["dashboard", "health check", "up without a controller's metrics", "Argo CD"],
)
def test_what_stands_beside_the_controller_is_not_its_target(other: Target) -> None:
    assert controller_targets([other], (), scope=Scope()) == ()


def test_a_target_that_is_certain_leaves_no_doubt_about_others() -> None:
    certain = discovered("argo-rollouts-metrics")

    assert controller_targets([DOWN["other-namespace"], certain], (), scope=Scope()) == (certain,)
