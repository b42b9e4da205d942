"""Whole runs of the real command against a Prometheus that is bad: it ends, says what happened, and never says ok."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from maintainer.sandbox.world import World
from tests.scenarios.front import Answer, Asked, Fault, Front, half
from tests.scenarios.runs import ACCURACY, ALL, OF_SCRAPES, assert_incomplete, monthly
from tests.scenarios.small_worlds import PATIENCE, ROLLOUTS

pytestmark = pytest.mark.extended

REFUSED = b'{"status":"error","errorType":"%s","error":"%s"}'


def says(status: int, body: bytes, type_: str = "text/plain; charset=utf-8", **headers: str) -> Fault:
    """One answer to everything."""
    return lambda _asked, _forward: Answer(status, body, {"Content-Type": type_, **headers})


def with_values(value: str, *, of_time: bool) -> Fault:
    """Prometheus' own answers with another value in the place of each."""

    def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        given = forward()
        if not asked.query or (asked.query == "time()" and not of_time):
            return given
        answer = given.json
        if answer["data"]["resultType"] == "scalar":
            answer["data"]["result"][1] = value
        else:
            for series in answer["data"]["result"]:
                for sample in (*series.get("values", ()), *([series["value"]] if "value" in series else ())):
                    sample[1] = value
        return Answer(body=json.dumps(answer).encode())

    return fault


def to_a_login(asked: Asked, _forward: Callable[[], Answer]) -> Answer:
    """What a proxy in front of Prometheus does with strangers."""
    if asked.target == "/login":
        return Answer(200, b"<html><title>Log in</title></html>", {"Content-Type": "text/html"})
    return Answer(302, b"", {"Location": "/login"})


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad Prometheus and what the gap must say of it."""

    fault: Fault
    said: tuple[str, ...]
    kind: str = "passing"
    checks: frozenset[str] = ALL


BAD = {
    "unauthorized": Bad(
        says(401, b"Unauthorized\n"), ("HTTP 401: Unauthorized", "prometheus.bearerTokenFile"), "permanent"
    ),
    "too-slow-for-itself": Bad(
        says(503, REFUSED % (b"timeout", b"query timed out in expression evaluation"), "application/json"),
        ("(timeout): query timed out in expression evaluation",),
    ),
    "nobody-behind-the-proxy": Bad(says(503, b"no healthy upstream"), ("HTTP 503: no healthy upstream",)),
    "login-page": Bad(
        says(200, b"<html><title>Log in</title></html>", "text/html; charset=utf-8"),
        ("did not answer with what its API gives", "Log in", "needs a path or a login"),
        "permanent",
    ),
    "redirect-to-a-login": Bad(to_a_login, ("it redirects to /login", "needs a path or a login"), "permanent"),
    "half-a-body": Bad(half, ("did not answer with what its API gives", "IncompleteRead")),
    "truncated-json": Bad(says(200, b'{"status":"success","da', "application/json"), ("Input data was truncated",)),
    "not-a-number": Bad(with_values("NaN", of_time=True), ("gave NaN for time()",), checks=OF_SCRAPES),
    "infinite": Bad(with_values("+Inf", of_time=True), ("gave +Inf for time()",), checks=OF_SCRAPES),
    "error": Bad(
        says(422, REFUSED % (b"execution", b"expanding series: out of memory"), "application/json"),
        ("(execution): expanding series: out of memory",),
    ),
    "error-that-looks-fine": Bad(
        says(200, REFUSED % (b"bad_data", b"tenant unknown"), "application/json"),
        ("(bad_data): tenant unknown",),
        "permanent",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_prometheus_is_a_gap_for_every_check(healthy: World, prometheus: Front, bad: Bad, tmp_path: Path) -> None:
    prometheus.fault = bad.fault

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, prometheus.url, *bad.said, checks=bad.checks)
    assert {gap["kind"] for gap in ended.report["gaps"]} == {bad.kind}
    assert ended.found == set()
    assert ended.figures["rollouts.listed"] == len(ROLLOUTS)
    assert "rollouts.compared" not in ended.figures
    assert f"{len(ROLLOUTS)} Rollouts in the API, none compared." in ended.out


def test_a_prometheus_that_refuses_the_connection_is_a_gap(healthy: World, tmp_path: Path) -> None:
    with Front(healthy.prometheus) as gone:
        pass

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", gone.url)

    assert_incomplete(
        ended, "could not be reached at " + gone.url, "Connection refused", "--prometheus-url", checks=ALL
    )
    assert ended.figures["rollouts.listed"] == len(ROLLOUTS)


def test_a_prometheus_slower_than_the_timeout_is_asked_once(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    """A query that took too long is still being computed: to send it again would make it three."""
    done = threading.Event()

    def slow(_asked: Asked, forward: Callable[[], Answer]) -> Answer:
        done.wait(PATIENCE)
        return forward()

    prometheus.fault = slow
    environ = {**healthy.environment(), "MAINTAINER_PROMETHEUS_TIMEOUT": "1s"}

    ended = monthly(environ, tmp_path, "--prometheus-url", prometheus.url)
    done.set()

    assert_incomplete(ended, "did not answer within 1 s", "raise prometheus.timeout", checks=ALL)
    assert len(prometheus.asked) == 1


@pytest.mark.parametrize("value", ["NaN", "+Inf"])
def test_values_that_are_no_numbers_are_not_compared(
    healthy: World, prometheus: Front, value: str, tmp_path: Path
) -> None:
    prometheus.fault = with_values(value, of_time=False)

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended)
    assert {gap["check"] for gap in ended.report["gaps"]} >= ACCURACY
    assert ended.found == set()
    assert ended.figures["rollouts.listed"] == len(ROLLOUTS)
    assert "rollouts.compared" not in ended.figures
