"""Whole runs of the real command with certificates and tokens that do not fit: it names the setting."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from maintainer.sandbox.world import World
from tests.scenarios.front import Front
from tests.scenarios.runs import ALL, assert_incomplete, assert_refused, monthly

pytestmark = pytest.mark.extended


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


def test_a_secret_that_http_cannot_carry_is_refused_without_being_shown(healthy: World, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush\nhush\n", "utf-8")
    environ = {**healthy.environment(), "MAINTAINER_PROMETHEUS_BEARER_TOKEN_FILE": str(tmp_path / "token")}

    ended = monthly(environ, tmp_path)

    assert_refused(ended, f"{tmp_path / 'token'} does not hold a token")
    assert "hush" not in ended.err + ended.out
