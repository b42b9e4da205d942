"""Lists that do not end, and pages that are too large, as only a broken or hostile API server gives them."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from kubernetes import config

from maintainer.clients.cluster import Cluster
from maintainer.clients.limits import Limits
from maintainer.clients.paging import MAX_OBJECTS, MOST_ON_A_PAGE, PAGE_SIZE
from maintainer.errors import SourceUnavailable
from maintainer.sandbox.api import kubeconfig
from tests.scenarios.front import Answer, Asked, Front
from tests.servers.connected import connected

TINY = {"metadata": {"namespace": "a", "name": "r", "resourceVersion": "1"}}


class Lists:
    """An API server whose list has this many Rollouts of a size, and the sizes of the pages that it was asked for."""

    def __init__(self, rollouts: int, *, size: int = 10) -> None:
        self.asked: list[int] = []
        self._rollouts = rollouts
        self._padding = "x" * size

    def answer(self, asked: Asked, _forward: Callable[[], Answer]) -> Answer:
        limit, begin = int(asked.params["limit"]), int(asked.params.get("continue", 0))
        self.asked.append(limit)
        end = min(begin + limit, self._rollouts)
        items = [
            {"metadata": {"namespace": "a", "name": f"r{number}", "resourceVersion": "1", "x": self._padding}}
            for number in range(begin, end)
        ]
        more = {"continue": str(end)} if end < self._rollouts else {}
        return Answer(body=json.dumps({"metadata": more, "items": items}).encode())


@pytest.fixture
def front() -> Iterator[Front]:
    with Front("") as front:
        yield front


@pytest.fixture
def cluster(front: Front, tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "kubeconfig").write_text(kubeconfig(front.url), "utf-8")
    api = config.new_client_from_config(str(tmp_path / "kubeconfig"), persist_config=False)
    with closing(Cluster(api, name="a", inside=False, limits=Limits(page=100_000))) as cluster:
        yield cluster


def refused(cluster: Cluster) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        cluster.rollouts("")
    return caught.value


def test_a_page_that_is_too_large_is_asked_for_in_smaller_pages_which_grow_again(
    front: Front, cluster: Cluster
) -> None:
    lists = Lists(700, size=300)
    front.fault = lists.answer
    assert len(cluster.rollouts("")) == 700
    assert lists.asked == [500, 62, 124, 248, 496, 62, 124, 248]


def test_an_object_that_is_too_large_by_itself_is_a_reason(front: Front, cluster: Cluster) -> None:
    lists = Lists(3, size=200_000)
    front.fault = lists.answer
    assert refused(cluster).reason == "web-too-large"
    assert lists.asked == [500, 62, 7, 1]


@pytest.mark.parametrize("items", ["[]", "null", '[{"metadata": {"name": "a", "resourceVersion": "1"}}]'])
def test_the_same_token_again_is_a_list_without_end(front: Front, cluster: Cluster, items: str) -> None:
    body = f'{{"metadata": {{"continue": "again"}}, "items": {items}}}'.encode()
    front.fault = lambda *_: Answer(body=body)
    with pytest.raises(SourceUnavailable) as caught:
        cluster.rollout_versions("")
    assert (caught.value.reason, caught.value.params["resource"]) == ("cluster-list-endless", "rollouts")
    assert len(front.asked) == 2


def test_a_list_of_empty_pages_without_end_is_given_up(front: Front, cluster: Cluster) -> None:
    numbers = count()
    front.fault = lambda *_: Answer(body=f'{{"metadata": {{"continue": "{next(numbers)}"}}, "items": []}}'.encode())
    assert refused(cluster).reason == "cluster-list-endless"
    assert len(front.asked) == MAX_OBJECTS // PAGE_SIZE


def test_a_page_with_many_more_objects_than_asked_for_is_refused(front: Front, tmp_path: Path) -> None:
    body = json.dumps({"metadata": {}, "items": [TINY] * (MOST_ON_A_PAGE + 1)}).encode()
    front.fault = lambda *_: Answer(body=body)
    with connected(front.url, tmp_path) as cluster, pytest.raises(SourceUnavailable) as caught:
        cluster.rollout_versions("")
    assert caught.value.reason == "cluster-page-large"
    assert (caught.value.params["count"], caught.value.params["asked"]) == (MOST_ON_A_PAGE + 1, PAGE_SIZE)
