"""Whole runs of the real command against worlds that are bad: it ends, says what happened, and never says ok."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests
import trustme

from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.exporter import Distortion
from maintainer.sandbox.fleet import Fleet, Placed, read_fleet, synthetic
from maintainer.sandbox.world import Plan, World
from tests.scenarios.audits import audit, named, newborn, told
from tests.scenarios.front import Answer, Asked, Fault, Front
from tests.scenarios.runs import (
    ACCURACY,
    AGAINST_API,
    ALL,
    ANSWERS,
    OF_CLUSTER,
    OF_ROLLOUTS,
    OF_SCRAPES,
    SERIES,
    Ended,
    assert_incomplete,
    monthly,
)

INTERVAL = 0.2
HURRY = 30.0
PATIENCE = 15.0
LEASE = "argo-rollouts", "argo-rollouts-controller-lock"
ROLLOUTS = synthetic(8, per_namespace=4)
REFUSED = b'{"status":"error","errorType":"%s","error":"%s"}'


def small(*faults: str) -> Fleet:
    """Eight Rollouts in team-0 and team-1, with these faults."""
    return newborn(replace(read_fleet().with_faults(*faults), rollouts=ROLLOUTS))


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[World, World]]:
    """Started side by side: most of the time goes to waiting for Prometheus' service discovery."""
    plan = Plan(fleet=small(), pods=2, scrape_interval=INTERVAL)
    faulty = replace(plan, fleet=small("duplicate-target", "namespace-label"), faults=True, pods=1)
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        one, other = [pool.submit(stack.enter_context, World.start(each)) for each in (plan, faulty)]
        yield one.result(), other.result()


@pytest.fixture
def healthy(worlds: tuple[World, World]) -> World:
    """Two pods of a controller and nothing wrong."""
    return worlds[0]


@pytest.fixture
def twice(worlds: tuple[World, World]) -> World:
    """A controller that is scraped by two jobs, one of them with a label ``namespace`` of its own."""
    return worlds[1]


@pytest.fixture
def prometheus(healthy: World) -> Iterator[Front]:
    """Prometheus, for the command; it is at fault where a test says so."""
    with Front(healthy.prometheus) as front:
        yield front


@dataclass(frozen=True, slots=True)
class Api:
    """The API server of a world behind a front that may be at fault."""

    world: World
    front: Front
    folder: Path

    def environment(self) -> dict[str, str]:
        """The world's variables, its API being reached through the front."""
        file = self.folder / "kubeconfig"
        file.write_text(kubeconfig(self.front.url), "utf-8")
        return {**self.world.environment(), "KUBECONFIG": str(file)}


@pytest.fixture
def api(healthy: World, tmp_path: Path) -> Iterator[Api]:
    with Front(healthy.api.url) as front:
        yield Api(healthy, front, tmp_path)


@pytest.fixture
def api_of_twice(twice: World, tmp_path: Path) -> Iterator[Api]:
    with Front(twice.api.url) as front:
        yield Api(twice, front, tmp_path)


def eventually(world: World, promql: str, wanted: float | None) -> None:
    """Wait until a query gives this one number (``None``: nothing)."""
    deadline, found = monotonic() + PATIENCE, object()
    while monotonic() < deadline:
        answer = requests.get(f"{world.prometheus}/api/v1/query", params={"query": promql}, timeout=5).json()
        values = [float(row["value"][1]) for row in answer["data"]["result"]]
        found = values[0] if values else None
        if found == wanted:
            return
        sleep(INTERVAL / 4)
    raise AssertionError(f"{promql} is {found}, not {wanted}")


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


def half(_asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """Half of the answer, and then the connection is closed."""
    whole = forward()
    return replace(whole, body=whole.body[: len(whole.body) // 2], length=len(whole.body))


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
        ("a web page", "Log in", "Does the URL need a path, or a login?"),
        "permanent",
    ),
    "redirect-to-a-login": Bad(
        to_a_login, ("it redirects to /login", "Does the URL need a path, or a login?"), "permanent"
    ),
    "half-a-body": Bad(half, ("not its API's JSON", "IncompleteRead")),
    "truncated-json": Bad(says(200, b'{"status":"success","da', "application/json"), ('{"status":"success","da',)),
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
    assert ended.figures["rollouts.compared"] == 0


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

    assert_incomplete(ended, "did not answer within 1 s", "Raise prometheus.timeout", checks=ALL)
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
    assert (ended.figures["rollouts.listed"], ended.figures["rollouts.compared"]) == (len(ROLLOUTS), 0)


def warned(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """What an engine says of which a part could not be asked: less, and a warning beside it."""
    given = forward()
    if not asked.query or asked.query == "time()":
        return given
    answer = given.json
    answer["data"]["result"] = answer["data"]["result"][:1]
    answer["warnings"] = ["a store is not there: partial response"]
    return Answer(body=json.dumps(answer).encode())


def test_an_answer_that_is_not_whole_is_not_compared_with(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    prometheus.fault = warned

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, "a store is not there: partial response")
    assert ended.found == set()


def test_rollouts_with_labels_of_a_target_each_are_refused(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    """A relabelling that puts the Rollout's name into a target's label makes a target of each."""

    def relabelled(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if "timestamp(rollout_info" not in asked.query:
            return forward()
        answer = forward().json
        (one,) = answer["data"]["result"]
        pods = [{**one, "metric": {**one["metric"], "pod": f"svc-{number}"}} for number in range(1000)]
        answer["data"]["result"] = pods
        return Answer(body=json.dumps(answer).encode())

    prometheus.fault = relabelled

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, "Rollouts of 1,000 targets", "Set prometheus.matchers")
    assert len(prometheus.asked) < 20


def test_samples_of_the_servers_future_are_not_compared_with(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    def late(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.query != "time()":
            return forward()
        answer = forward().json
        answer["data"]["result"] = [answer["data"]["result"][0] - 60, str(float(answer["data"]["result"][1]) - 60)]
        return Answer(body=json.dumps(answer).encode())

    prometheus.fault = late

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, "newer than its own time")
    assert ended.found == set()


def test_one_gauge_that_is_nan_leaves_out_its_rollout_only(healthy: World, tmp_path: Path) -> None:
    [leader, _] = healthy.controllers
    name, own = (
        "rollout_info_replicas_available",
        [text for text in leader.metrics().splitlines() if "svc-00003" in text],
    )
    spoiled = [text.rpartition(" ")[0] + " NaN" if text.startswith(name) else text for text in own]
    assert own != spoiled
    leader.distortion = Distortion(missing=frozenset({ROLLOUTS[3].key}))
    leader.extra = spoiled
    eventually(healthy, f"count({name} != {name})", 1)
    try:
        ended = monthly(healthy.environment(), tmp_path)
    finally:
        leader.distortion, leader.extra = Distortion(), []
        eventually(healthy, f"count({name} == {name})", len(ROLLOUTS))

    assert_incomplete(ended, "team-0/svc-00003", "a value is no number", checks=ACCURACY)
    assert ended.found == set()
    assert ended.figures["rollouts.compared"] == len(ROLLOUTS) - 1


def test_a_prometheus_that_takes_no_new_scrape_is_one_finding(
    healthy: World, prometheus: Front, tmp_path: Path
) -> None:
    """Its clock goes on, its targets look well, and what it has of them is of one moment."""
    moment: list[float] = []
    targets: list[Answer] = []

    def standing(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.query == "time()":
            answer = forward()
            moment[:] = moment or [float(answer.json["data"]["result"][1])]
            return answer
        if asked.target.startswith("/api/v1/targets"):
            targets.append(targets[0] if targets else forward())
            return targets[0]
        if not moment:
            return forward()
        then = {"query": asked.query, "time": str(moment[0])}
        return Answer(body=requests.post(f"{healthy.prometheus}/api/v1/query", data=then, timeout=5).content)

    prometheus.fault = standing
    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(
        ended,
        "No new scrape arrived",
        "pipeline/target",
        checks=AGAINST_API | SERIES | ANSWERS | {"coverage/unwatched"},
    )
    assert {(one["check"], one["summary"]) for one in ended.report["findings"]} == {
        ("pipeline/target", f"argo-rollouts {instance} gives no new scrape: what Prometheus shows of it is old.")
        for instance in healthy.instances.values()
    }
    assert ended.figures["rollouts.listed"] == len(ROLLOUTS)


@contextmanager
def down(world: World, *, already: bool = True) -> Iterator[Callable[[], None]]:
    """All pods of the controller are down, and Prometheus has seen it; or else when what is given here is called."""

    def strike() -> None:
        for pod in world.controllers:
            pod.down = "error"

    if already:
        strike()
        eventually(world, "sum(up)", 0)
        eventually(world, "count(rollout_info)", None)
    try:
        yield strike
    finally:
        for pod in world.controllers:
            pod.down = ""
        eventually(world, "sum(up)", len(world.controllers))
        eventually(world, "count(rollout_info)", len(ROLLOUTS))


def test_a_controller_that_is_down_is_named_with_the_last_error(healthy: World) -> None:
    with down(healthy):
        report = audit(healthy, hurry=HURRY)

    assert {check for check, _ in named(report)} == {"pipeline/scrape"}, told(report)
    assert len(report.findings) == len(healthy.controllers)
    assert "server returned HTTP status 500" in str(report.findings[0].evidence["error"])
    assert {gap.check for gap in report.gaps} >= AGAINST_API, told(report)
    assert report.verdict == "findings"


def test_a_controller_of_which_nobody_leads_is_one_finding(healthy: World) -> None:
    [leader, _] = healthy.controllers
    leader.leading = False
    eventually(healthy, "count(rollout_info)", None)
    try:
        report = audit(healthy, hurry=HURRY)
    finally:
        leader.leading = True
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    assert named(report) == {("pipeline/emitter", "Service/argo-rollouts/argo-rollouts-metrics")}, told(report)
    assert {gap.check for gap in report.gaps} == AGAINST_API | SERIES | ANSWERS | {"coverage/unwatched"}
    assert {gap.reason.id for gap in report.gaps} == {"gap/no-emitter"}


def test_a_leader_that_changes_in_the_middle_of_a_run_is_no_finding(
    healthy: World, prometheus: Front, tmp_path: Path
) -> None:
    old, new = healthy.controllers
    lease = healthy.store.get("leases", LEASE)
    assert lease

    def lead() -> None:
        healthy.store.put("leases", {**lease, "spec": {**lease["spec"], "holderIdentity": f"{new.pod}_0b7e"}})
        new.leading = True

    takes_over = threading.Timer(2, lead)

    def steps_down(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.query == "time()" and old.leading:
            old.leading = False
            takes_over.start()
        return forward()

    prometheus.fault = steps_down
    try:
        ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)
    finally:
        takes_over.join()
        healthy.store.put("leases", lease)
        old.leading, new.leading = True, False
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    assert (ended.code, ended.report["verdict"], ended.report["findings"]) == (0, "ok", [])
    assert ended.figures["rollouts.compared"] == len(ROLLOUTS)
    assert ended.figures["targets.emitting"] == 1


def test_a_target_that_goes_down_in_the_middle_of_a_run_is_not_called_up(healthy: World, prometheus: Front) -> None:
    with down(healthy, already=False) as strike:

        def goes_down(asked: Asked, forward: Callable[[], Answer]) -> Answer:
            if asked.query == "time()":
                strike()
                eventually(healthy, "count(rollout_info)", None)
            return forward()

        prometheus.fault = goes_down
        report = audit(healthy, {"prometheus.url": prometheus.url}, hurry=HURRY)

    assert "pipeline/emitter" not in {finding.check for finding in report.findings}, told(report)
    assert report.verdict != "ok"


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM: our authority, another one, and a client's certificate with its key."""

    ca: str
    other: str
    client: str
    key: str
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    folder = tmp_path_factory.mktemp("tls")

    def written(name: str, blob: trustme.Blob) -> str:
        blob.write_to_path(folder / name)
        return str(folder / name)

    ca, other = trustme.CA(), trustme.CA()
    client, context = ca.issue_cert("maintainer@example.com"), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    ca.configure_trust(context)
    return Tls(
        ca=written("ca", ca.cert_pem),
        other=written("other", other.cert_pem),
        client=written("client", client.cert_chain_pems[0]),
        key=written("key", client.private_key_pem),
        context=context,
    )


def test_an_authority_that_nobody_knows_is_a_gap_that_names_the_setting(
    healthy: World, tls: Tls, tmp_path: Path
) -> None:
    """The authority that is set counts, whatever else the environment says."""
    with Front(healthy.prometheus, tls=tls.context) as front, ThreadPoolExecutor(2) as pool:
        environ = {**healthy.environment(), "MAINTAINER_PROMETHEUS_URL": front.url}
        set_ = {**environ, "MAINTAINER_PROMETHEUS_TLS_CA_FILE": tls.ca, "REQUESTS_CA_BUNDLE": tls.other}
        lost = {**environ, "MAINTAINER_PROMETHEUS_TLS_CA_FILE": "/none"}
        runs = [pool.submit(monthly, each, tmp_path / str(n)) for n, each in enumerate((environ, lost, set_))]
        unknown, missing, known = (run.result() for run in runs)

    assert_incomplete(unknown, front.url, "self-signed certificate", "prometheus.tls.caFile", checks=ALL)
    assert {gap["kind"] for gap in unknown.report["gaps"]} == {"permanent"}
    assert_incomplete(missing, "invalid path: /none", "prometheus.tls.caFile", checks=ALL)
    assert (known.code, known.report["verdict"]) == (0, "ok")


@pytest.fixture
def closed(healthy: World, tls: Tls) -> Iterator[dict[str, str]]:
    """The environment of a Prometheus that lets nobody in without a certificate."""
    tls.context.verify_mode = ssl.CERT_REQUIRED
    with Front(healthy.prometheus, tls=tls.context) as front:
        environ = {**healthy.environment(), "MAINTAINER_PROMETHEUS_URL": front.url}
        yield {**environ, "MAINTAINER_PROMETHEUS_TLS_CA_FILE": tls.ca}
    tls.context.verify_mode = ssl.CERT_NONE


def test_a_certificate_that_is_asked_of_us_is_given(closed: dict[str, str], tls: Tls, tmp_path: Path) -> None:
    files = {"MAINTAINER_PROMETHEUS_TLS_CERT_FILE": tls.client, "MAINTAINER_PROMETHEUS_TLS_KEY_FILE": tls.key}

    ended = monthly({**closed, **files}, tmp_path)

    assert (ended.code, ended.report["verdict"]) == (0, "ok")


def test_a_certificate_that_is_asked_of_us_and_not_set_is_a_gap_that_names_the_setting(
    closed: dict[str, str], tmp_path: Path
) -> None:
    ended = monthly(closed, tmp_path)

    assert_incomplete(ended, closed["MAINTAINER_PROMETHEUS_URL"], "prometheus.tls.certFile", checks=ALL)


def without_rollouts(status: int, body: bytes) -> Fault:
    """An API server that has no such resource, or answers oddly for it."""
    return lambda asked, forward: (
        Answer(status, body, {"Content-Type": "text/plain"}) if "argoproj.io" in asked.target else forward()
    )


def half_of_rollouts(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """Half of each answer about Rollouts; the others are whole."""
    return half(asked, forward) if "argoproj.io" in asked.target else forward()


BAD_API: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "no-crd": (without_rollouts(404, b"404 page not found\n"), ("rollouts.argoproj.io", "Is Argo Rollouts installed")),
    "broken": (without_rollouts(500, b"etcdserver: request timed out"), ("HTTP 500: etcdserver: request timed out",)),
    "half-a-body": (half_of_rollouts, ("could not be reached", "IncompleteRead", "Does kubectl reach it?")),
}


@pytest.mark.parametrize(("fault", "said"), BAD_API.values(), ids=BAD_API.keys())
def test_a_bad_api_server_is_a_gap_and_prometheus_is_looked_at(
    api_of_twice: Api, fault: Fault, said: tuple[str, ...], tmp_path: Path
) -> None:
    api_of_twice.front.fault = fault

    ended = monthly(api_of_twice.environment(), tmp_path)

    assert_incomplete(ended, *said, checks=OF_ROLLOUTS)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_an_api_server_that_is_down_is_a_gap_and_prometheus_is_looked_at(api_of_twice: Api, tmp_path: Path) -> None:
    with Front(api_of_twice.world.api.url) as gone:
        pass
    ended = monthly(replace(api_of_twice, front=gone).environment(), tmp_path)

    assert_incomplete(ended, gone.url, "Connection refused", "kubectl", checks=OF_CLUSTER)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_credentials_that_ran_out_are_a_gap(twice: World, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(twice.api.url, "yesterday"), "utf-8")

    ended = monthly({**twice.environment(), "KUBECONFIG": str(file)}, tmp_path)

    assert_incomplete(ended, "does not know us (Unauthorized)", "Renew the credentials")
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_a_forbidden_list_is_a_gap_with_the_rule_that_is_missing(twice: World, tmp_path: Path) -> None:
    twice.api.forbid("list", "rollouts")
    try:
        ended = monthly(twice.environment(), tmp_path)
    finally:
        twice.api.allow_all()

    rule = 'apiGroups ["argoproj.io"], resources ["rollouts"], verbs [list]'
    assert_incomplete(ended, "ClusterRole", rule, checks=OF_ROLLOUTS)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_a_forbidden_namespace_leaves_the_others_compared(healthy: World, tmp_path: Path) -> None:
    healthy.api.forbid("list", "rollouts", "team-0")
    try:
        ended = monthly({**healthy.environment(), "MAINTAINER_CLUSTER_NAMESPACES": "team-0,team-1"}, tmp_path)
    finally:
        healthy.api.allow_all()

    rule = 'apiGroups ["argoproj.io"], resources ["rollouts"], verbs [list]'
    assert_incomplete(ended, "in team-0. A Role there", rule)
    assert ended.found == set()
    assert ended.figures["rollouts.compared"] == ended.figures["rollouts.listed"] == 4


@contextmanager
def having(world: World, placed: tuple[Placed, ...]) -> Iterator[None]:
    """The world has these Rollouts instead of its own, and Prometheus has seen it."""
    for old in ROLLOUTS:
        world.store.delete("rollouts", old.key)
    for new in placed:
        world.put(new)
    eventually(world, "count(rollout_info)", len(placed) or None)
    try:
        yield
    finally:
        for new in placed:
            world.store.delete("rollouts", new.key)
        for old in ROLLOUTS:
            world.put(old)
        eventually(world, "count(rollout_info)", len(ROLLOUTS))


def test_a_list_that_expires_is_read_again_and_one_that_always_does_is_a_gap(api: Api, tmp_path: Path) -> None:
    left = 1

    def expires(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        nonlocal left
        if "continue" in asked.params and left:
            left -= 1
            api.world.api.expire_lists()
        return forward()

    api.front.fault = expires
    with having(api.world, synthetic(501)):
        once = monthly(api.environment(), tmp_path / "once")
        left = 1000
        always = monthly(api.environment(), tmp_path / "always")

    assert (once.code, once.figures["rollouts.compared"]) == (0, 501)
    assert_incomplete(always, "forgot the list that was being read, 3 times", checks=OF_ROLLOUTS)


@pytest.fixture
def no_rollouts(healthy: World) -> Iterator[World]:
    with having(healthy, ()):
        yield healthy


def nothing_but_null(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """The API server's own answer: an empty list of metadata has ``items: null``."""
    answer = forward()
    body = answer.json if "PartialObjectMetadataList" in asked.headers.get("Accept", "") else None
    return Answer(body=json.dumps({**body, "items": None}).encode()) if body and not body["items"] else answer


def test_no_rollouts_are_a_gap_and_no_finding(no_rollouts: World, api: Api, tmp_path: Path) -> None:
    api.front.fault = nothing_but_null

    ended = monthly(api.environment(), tmp_path)

    assert_incomplete(ended, "There is no Rollout", checks=ACCURACY | ANSWERS | {"coverage/missing"})
    assert len(ended.gaps()) == 1
    assert ended.found == set()


def test_a_rollout_without_status_is_no_finding(healthy: World, tmp_path: Path) -> None:
    with having(healthy, (*ROLLOUTS, Placed("no-status", "team-0", "newborn"))):
        ended = monthly(healthy.environment(), tmp_path)

    assert (ended.code, ended.report["findings"]) == (0, [])
    assert ended.figures["rollouts.compared"] == len(ROLLOUTS) + 1


def test_a_context_that_is_not_there_is_a_gap_that_lists_the_others(twice: World, tmp_path: Path) -> None:
    ended = monthly(twice.environment(), tmp_path, "--context", "staging")

    assert_incomplete(ended, "context staging is not in", "which has sandbox", "--context")
    assert ended.found == {"coverage/duplicate", "label/namespace"}


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "there is no "), ("clusters: [", "line 1, column")],
    ids=["missing", "broken"],
)
def test_a_kubeconfig_that_cannot_be_used_is_a_gap(twice: World, text: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    if text is not None:
        file.write_text(text, "utf-8")

    ended = monthly({**twice.environment(), "KUBECONFIG": str(file)}, tmp_path)

    assert_incomplete(ended, said, str(file), "Set KUBECONFIG", checks=OF_CLUSTER)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


WRONG = {
    "unknown-key": ("prometheus:\n  adress: http://a", "unknown key prometheus.adress", 2),
    "duration": ("cluster: {}\nprometheus:\n  timeout: fast", "'fast' is not a duration", 3),
    "url": ("prometheus:\n  url: prometheus.monitoring:9090", "'prometheus.monitoring:9090' is no URL", 2),
    "url-of-no-host": ('prometheus:\n  url: "http://[::1"', "is no URL", 2),
    "url-with-a-blank": ('prometheus:\n  url: "http://exa mple"', "is no URL", 2),
    "url-with-a-password": ('prometheus:\n  url: "http://u:hush@a"', "must not hold a name or password", 2),
    "no-format": ("reports:\n  formats: []", "at least 1 item", 2),
    "matcher": ("prometheus:\n  matchers:\n    - cluster=a", "'cluster=a' is no label matcher", 3),
    "header": ("prometheus:\n  headers: {X-Scope-OrgID: 팀}", "HTTP cannot carry 'X-Scope-OrgID'", 0),
}


@pytest.mark.parametrize(("text", "said", "line"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_refused_with_its_line(text: str, said: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text, "utf-8")

    ended = monthly({}, tmp_path, "--config", str(file))

    assert_refused(ended, said)
    assert f"{file}, line {line}: " in ended.err or not line


def assert_refused(ended: Ended, said: str) -> None:
    """Wrong usage: exit 2 with the reason, and no report."""
    assert ended.code == 2, ended.err
    assert said in ended.err
    assert ended.texts == {}


def test_a_secret_that_http_cannot_carry_is_refused_without_being_shown(healthy: World, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush\nhush\n", "utf-8")
    environ = {**healthy.environment(), "MAINTAINER_PROMETHEUS_BEARER_TOKEN_FILE": str(tmp_path / "token")}

    ended = monthly(environ, tmp_path)

    assert_refused(ended, f"{tmp_path / 'token'} does not hold a token")
    assert "hush" not in ended.err + ended.out


def test_a_folder_that_cannot_be_written_is_exit_code_4_and_the_report_is_saved(twice: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "reports")

    ended = monthly(twice.environment() | {"TMPDIR": str(tmp_path)}, tmp_path, "--output", folder)

    assert ended.code == 4
    assert f"cannot write the report to {folder} (Not a directory); give another --output DIR" in ended.err
    assert "things to do" in ended.out
    saved = sorted(path.suffix for path in tmp_path.glob("maintainer-*/monthly-*"))
    assert saved == [".html", ".json", ".md"]
