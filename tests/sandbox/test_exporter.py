import re
from collections.abc import Iterator
from datetime import datetime
from time import perf_counter, time

import pytest
import requests

from maintainer.model.contract import families
from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.exporter import Controller, Distortion
from maintainer.sandbox.fleet import Fleet, Placed, synthetic
from maintainer.sandbox.planting import distortion
from maintainer.sandbox.store import Store
from maintainer.sandbox.textformat import labelled
from maintainer.sandbox.world import put_rollouts

SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
CART = ("checkout", "cart")

Sample = tuple[str, dict[str, str], float]


def read(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        if not line.startswith("#"):
            found = SAMPLE.fullmatch(line)
            assert found, line
            yield found[1], dict(LABEL.findall(found[2] or "")), float(found[3])


def of(controller: Controller, family: str, /, **labels: str) -> list[tuple[dict[str, str], float]]:
    return [
        (own, value)
        for metric, own, value in read(controller.metrics())
        if metric == family and labels.items() <= own.items()
    ]


def controller_of(fleet: Fleet, *placed: Placed) -> Controller:
    store = Store()
    put_rollouts(store, fleet, rollouts=placed)
    return Controller(store, analysis=fleet.analysis)


def test_every_series_is_in_the_contract_of_the_controller(fleet: Fleet) -> None:
    for metric, labels, _ in read(controller_of(fleet, *fleet.rollouts).metrics()):
        base = re.sub("_(bucket|sum|count)$", "", metric)
        family = families().get(metric) or families().get(base)
        if family is None:
            assert metric.startswith(("go_", "process_"))
        else:
            assert set(labels) - {"le"} == family.labels, metric


def test_every_family_of_version_1_9_is_printed(fleet: Fleet) -> None:
    text = controller_of(fleet, *fleet.rollouts).metrics()
    released = {name for name, family in families().items() if family.since and name != "rollout_created_time"}
    assert released <= set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))


def test_no_series_is_printed_twice(fleet: Fleet) -> None:
    series = [line.rsplit(" ", 1)[0] for line in controller_of(fleet, *fleet.rollouts).metrics().splitlines()]
    assert len(series) == len(set(series))


def test_the_phase_is_the_one_declared_for_the_state(fleet: Fleet) -> None:
    for name, state in fleet.states.items():
        controller = controller_of(fleet, Placed(name, *CART))
        assert [labels["phase"] for labels, _ in of(controller, "rollout_info")] == [state.emits]


def test_an_invalid_rollout_has_all_six_old_phase_series_at_zero(fleet: Fleet) -> None:
    series = of(controller_of(fleet, Placed("invalid-spec", *CART)), "rollout_phase")
    assert [value for _, value in series] == [0] * 6
    assert of(controller_of(fleet, Placed("invalid-spec", *CART)), "rollout_reconcile_error")


def test_missing_numbers_are_zero_and_missing_replicas_one(fleet: Fleet) -> None:
    zero = controller_of(fleet, Placed("scaled-to-zero", *CART))
    assert [of(zero, f"rollout_info_replicas_{gauge}")[0][1] for gauge in ("desired", "available")] == [0, 0]
    controller = controller_of(fleet, Placed("healthy-one-replica", *CART))
    assert of(controller, "rollout_info_replicas_desired")[0][1] == 1


def test_the_preview_of_blue_green_counts_as_unavailable(fleet: Fleet) -> None:
    paused = controller_of(fleet, Placed("paused-blue-green", *CART))
    assert of(paused, "rollout_info", strategy="blueGreen")
    assert of(paused, "rollout_info_replicas_unavailable") == of(paused, "rollout_info_replicas_available")


def test_status_writes_are_counted_under_the_wrong_labels(fleet: Fleet) -> None:
    controller = controller_of(fleet, Placed("healthy-canary", *CART))
    labels = {"kind": "cart", "name": "status", "namespace": "rollouts", "verb": "Patch", "status_code": "200"}
    assert of(controller, "controller_clientset_k8s_request_total", **labels)


def test_a_standby_prints_neither_rollouts_nor_analyses(fleet: Fleet) -> None:
    controller = controller_of(fleet, *fleet.rollouts)
    controller.leading = False
    printed = {metric for metric, _, _ in read(controller.metrics())}
    assert not [metric for metric in printed if metric.startswith(("rollout_", "analysis_", "experiment_"))]
    assert {"argo_rollouts_controller_info", "go_goroutines", "workqueue_depth"} <= printed
    assert all(labels["kind"] == "leases" for labels, _ in of(controller, "controller_clientset_k8s_request_total"))


def test_faults_distort_what_is_printed(fleet: Fleet, now: datetime) -> None:
    controller = controller_of(fleet, *fleet.rollouts)
    controller.distortion = distortion(fleet, now=now)
    assert of(controller, "rollout_info", name="cart-v1")
    assert not of(controller, "rollout_info", name="refund")
    assert of(controller, "rollout_info", name="gift-cards")[0][0]["phase"] == "Progressing"
    assert of(controller, "rollout_info_replicas_available", name="price-api")[0][1] == 1
    controller.distortion = Distortion()
    assert not of(controller, "rollout_info", name="cart-v1")


def test_a_lagging_cache_shows_the_past_and_never_goes_back(fleet: Fleet) -> None:
    moment = [100.0]
    store = Store(clock=lambda: moment[0])
    put_rollouts(store, fleet, rollouts=[Placed("progressing", *CART)])
    controller = Controller(store, clock=lambda: moment[0])
    moment[0] = 110.0
    put_rollouts(store, fleet, rollouts=[Placed("aborted", *CART)])
    controller.cache_lag = lambda: 5.0
    assert of(controller, "rollout_info")[0][0]["phase"] == "Progressing"
    controller.cache_lag = lambda: 0.0
    assert of(controller, "rollout_info")[0][0]["phase"] == "Abort"
    controller.cache_lag = lambda: 5.0
    assert of(controller, "rollout_info")[0][0]["phase"] == "Abort"


def test_reconciles_are_counted_when_an_object_changes(fleet: Fleet) -> None:
    store = Store()
    put_rollouts(store, fleet, rollouts=[Placed("progressing", *CART)])
    controller = Controller(store)
    before = of(controller, "rollout_reconcile_count")[0][1]
    assert of(controller, "rollout_reconcile_count")[0][1] == before
    put_rollouts(store, fleet, rollouts=[Placed("healthy-canary", *CART)])
    assert of(controller, "rollout_reconcile_count")[0][1] == before + 1


def test_a_deleted_rollout_disappears(fleet: Fleet) -> None:
    store = Store()
    put_rollouts(store, fleet, rollouts=[Placed("progressing", *CART)])
    controller = Controller(store)
    assert of(controller, "rollout_info")
    store.delete("rollouts", CART)
    assert not of(controller, "rollout_info")


def test_label_values_are_escaped() -> None:
    assert labelled({"name": 'a"b\\c\nd'}) == r'name="a\"b\\c\nd"'


def test_a_controller_can_be_down_and_print_extra_lines(api: ApiServer, store: Store, http: requests.Session) -> None:
    controller = Controller(store)
    controller.extra.append("surprise 1")
    url = api.serving.listen(controller.app()) + "/metrics"
    answer = http.get(url, timeout=5)
    assert answer.text.endswith("surprise 1\n")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    controller.down = "error"
    assert http.get(url, timeout=5).status_code == 500
    controller.down = "closed"
    with pytest.raises(requests.ConnectionError):
        http.get(url, timeout=5)


def test_a_second_scrape_of_a_large_fleet_is_quick(fleet: Fleet) -> None:
    controller = controller_of(fleet, *synthetic(2000))
    controller.metrics()
    begun = perf_counter()
    controller.metrics()
    assert perf_counter() - begun < 0.5


def test_an_old_process_has_looked_at_everything_once_every_resync(fleet: Fleet) -> None:
    controller = controller_of(fleet, Placed("healthy-canary", *CART))
    before = of(controller, "rollout_reconcile_count")[0][1]
    controller.grow_old(2 * 3600)
    assert of(controller, "rollout_reconcile_count")[0][1] == before + 8
    assert time() - of(controller, "process_start_time_seconds")[0][1] > 2 * 3600 - 1


def test_what_is_unwatched_stands_still(fleet: Fleet) -> None:
    controller = controller_of(fleet, Placed("healthy-canary", *CART))
    controller.distortion = Distortion(unwatched=frozenset({CART}))
    before = of(controller, "rollout_reconcile_count")[0][1]
    controller.grow_old(2 * 3600)
    assert of(controller, "rollout_reconcile_count")[0][1] == before
