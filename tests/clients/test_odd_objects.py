"""Objects that are not as they should be: each costs itself, and not the list that it is in."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.objects import ServicePage
from maintainer.errors import SourceUnavailable
from maintainer.sandbox.api import kubeconfig
from tests.servers.scripted import Says, Scripted, says

META = {"namespace": "checkout", "name": "cart", "resourceVersion": "7", "generation": 3}
CART = {"metadata": META, "spec": {"replicas": 3, "strategy": {"canary": {}}}, "status": {"phase": "Healthy"}}


def odd(name: str = "odd", **fields: Any) -> Mapping[str, Any]:
    """A Rollout with other fields than a Rollout has."""
    return {**CART, "metadata": {**META, "name": name, **fields.pop("metadata", {})}, **fields}


def page(*items: Any) -> Says:
    return says({"metadata": {}, "items": list(items)})


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(page()) as server:
        yield server


@pytest.fixture
def cluster(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(server.url), "utf-8")
    with closing(connect("", str(file))) as cluster:
        yield cluster


ODD = {
    "replicas": (odd(spec={"replicas": "three"}), "Expected `int | null`, got `str`"),
    "created": (odd(metadata={"creationTimestamp": "yesterday"}), "Invalid RFC3339 encoded datetime"),
    "conditions": (odd(status={"conditions": [{"status": "True"}]}), "missing required field `type`"),
    "time-of-a-write": (
        odd(status={"observedGeneration": "1"}, metadata={"managedFields": [{"time": "yesterday"}]}),
        "Invalid RFC3339 encoded datetime",
    ),
    "fields-of-a-write": (
        odd(status={"abort": True}, metadata={"managedFields": [{"fieldsV1": {"f:status": 3}}]}),
        "Expected `object`, got `int`",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("item", "said"), ODD.values(), ids=ODD.keys())
def test_an_odd_rollout_is_left_out_and_named(
    server: Scripted, cluster: Cluster, item: Mapping[str, Any], said: str
) -> None:
    server.script = [page(CART, item)]

    assert cluster.rollouts("").keys() == {("checkout", "cart")}
    ((which, why),) = cluster.odd.found.items()
    assert which == ("rollouts", ("checkout", "odd"))
    assert said in why


def test_a_generation_of_5000_digits_is_no_older_one(server: Scripted, cluster: Cluster) -> None:
    server.script = [page(odd(status={"observedGeneration": "1" * 5000}))]

    assert [rollout.pending for rollout in cluster.rollouts("").values()] == [None]


@pytest.mark.parametrize("levels", [101, 1000, 100_000])
@pytest.mark.parametrize("read", [Cluster.rollouts, Cluster.rollout_versions])
def test_a_rollout_is_read_however_deep_it_is_nested(
    server: Scripted, cluster: Cluster, levels: int, read: Callable[[Cluster, str], Mapping[Any, Any]]
) -> None:
    deep = '{"f:[\\"{":' * levels + '"]"' + "}" * levels
    text = json.dumps({"metadata": {}, "items": [CART, odd("deep", spec=0), odd("z")]})
    server.script = [Says(200, text.replace('"spec": 0', f'"spec": {{"replicas": 3, "template": {deep}}}').encode())]

    assert [name for _, name in read(cluster, "")] == ["cart", "deep", "z"]
    assert cluster.odd.found == {}


def test_json_that_never_closes_its_brackets_is_broken(server: Scripted, cluster: Cluster) -> None:
    server.script = [Says(200, b'{"metadata": {}, "items": ' + b"[" * 100_000)]

    with pytest.raises(SourceUnavailable, match="web-broken-answer"):
        cluster.rollouts("")


def test_a_list_of_which_much_is_odd_is_not_what_the_api_gives(server: Scripted, cluster: Cluster) -> None:
    server.script = [page(CART, *(odd(f"odd-{number}", spec={"replicas": ""}) for number in range(30)))]

    with pytest.raises(SourceUnavailable, match="web-broken-answer"):
        cluster.rollouts("")


def test_a_list_without_a_sound_object_is_not_what_the_api_gives(server: Scripted, cluster: Cluster) -> None:
    server.script = [page(odd(spec={"replicas": ""}))]

    with pytest.raises(SourceUnavailable, match=r"\$\.items\[0\]\.spec\.replicas"):
        cluster.rollouts("")


def test_an_odd_config_map_does_not_cost_the_others(server: Scripted, cluster: Cluster) -> None:
    server.script = [page({"metadata": META, "data": {"a": "b"}}, {"metadata": {**META, "name": "odd"}, "data": [1]})]

    assert [config_map.metadata.name for config_map in cluster.config_maps("", selector="")] == ["cart"]
    assert [*cluster.odd.found] == [("configmaps", ("checkout", "odd"))]


def test_no_service_is_left_out_because_a_list_without_it_would_be_false(server: Scripted, cluster: Cluster) -> None:
    server.script = [page({"metadata": META}, {"metadata": {**META, "labels": 5}})]

    with pytest.raises(SourceUnavailable, match="web-broken-answer"):
        cluster.pages(("v1", "services"), "", type_=ServicePage)
