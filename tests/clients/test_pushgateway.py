"""What is pushed to a Pushgateway, and what it refuses."""

import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.pushgateway import Pushgateway
from maintainer.errors import DeliveryFailed
from tests.servers.pushgateway import Gateway, pushgateway
from tests.servers.scripted import Says, Scripted

ONE = b"# HELP x y\n# TYPE x gauge\nx 1\n"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with pushgateway() as running:
        yield running


def push(url: str, text: bytes = ONE, *, cluster: str = "a", basic: tuple[str, str] | None = None) -> None:
    client = Pushgateway(Endpoint(url, basic=basic, timeout=0.4))
    try:
        client.put({"job": "monthly", "cluster": cluster}, text)
    finally:
        client.close()


def test_a_group_has_what_was_pushed_last_and_nothing_older(gateway: Gateway) -> None:
    push(gateway.url, b'x{check="one"} 1\nx{check="two"} 1\ny 1\n')
    push(gateway.url, b'x{check="two"} 2\n')

    assert gateway.series == {"x{check=two,cluster=a,job=monthly}": 2}
    assert {method for method, _ in gateway.asked} == {"PUT"}


def test_the_groups_of_two_clusters_stand_side_by_side(gateway: Gateway) -> None:
    push(gateway.url, cluster="a")
    push(gateway.url, cluster="b")

    assert set(gateway.series) == {"x{cluster=a,job=monthly}", "x{cluster=b,job=monthly}"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_every_name_of_a_cluster_arrives(gateway: Gateway, cluster: str) -> None:
    push(gateway.url, cluster=cluster)

    assert frozenset({("job", "monthly"), ("cluster", cluster)}) in gateway.groups


@pytest.mark.parametrize("cluster", ["a/b", "..", ".", "", "a b", "a+b", "a%2Fb", "arn:aws:eks:1:cluster/x", "운영"])
def test_a_name_that_a_path_cannot_carry_arrives(gateway: Gateway, cluster: str) -> None:
    push(gateway.url, cluster=cluster)

    assert list(gateway.groups) == [frozenset({("job", "monthly"), ("cluster", cluster)})]


def test_the_url_may_have_a_path() -> None:
    with pushgateway(prefix="/push") as gateway:
        push(gateway.url)
        assert gateway.series


def test_a_login_is_sent() -> None:
    with pushgateway(("me", "pässword")) as gateway:
        push(gateway.url, basic=("me", "pässword"))
        assert gateway.series


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"x 1", "unexpected end of input stream"),
        (b"x 1 1700000000000\n", "must not have timestamps"),
        (b'x{job="a"} 1\nx{job="b"} 1\n', "was collected before with the same labels"),
    ],
)
def test_what_is_refused_is_said_in_the_words_of_the_pushgateway(gateway: Gateway, text: bytes, said: str) -> None:
    with pytest.raises(DeliveryFailed, match=said) as caught:
        push(gateway.url, text)

    assert str(caught.value).startswith(f"the Pushgateway at {gateway.url} refuses them (HTTP 400: ")


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (Says(401, b"Unauthorized"), "(HTTP 401: Unauthorized); set metrics.basicAuth"),
        (Says(404, b"404 page not found"), "is metrics.pushgateway the URL of a Pushgateway"),
        (Says(405, b""), "(HTTP 405: nothing); is metrics.pushgateway the URL of a Pushgateway"),
        (Says(302, b"", {"Location": "http://login.example.com/?token=hush"}), "(HTTP 302: nothing)"),
        (Says(503, b"busy"), "(HTTP 503: busy)"),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_set(says: Says, said: str) -> None:
    with Scripted(says) as server, pytest.raises(DeliveryFailed) as caught:
        push(server.url)

    assert said in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_pushgateway_that_does_not_answer_is_given_up() -> None:
    began = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(DeliveryFailed, match="no answer within 0 s"),
    ):
        push(f"http://127.0.0.1:{silent.getsockname()[1]}")

    assert time.monotonic() - began < 20


def test_a_pushgateway_that_is_not_there_is_said() -> None:
    with pytest.raises(DeliveryFailed) as caught:
        push("http://127.0.0.1:9")

    assert str(caught.value) == (
        "the Pushgateway at http://127.0.0.1:9 cannot be reached ([Errno 111] Connection refused); "
        "check metrics.pushgateway"
    )
