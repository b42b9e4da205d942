"""What a kubeconfig has besides a server: plug-ins that fail or hang, and keys that must not reach a disk."""

import gc
import json
import os
import signal
import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import trustme
import yaml

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.clients.limits import Limits
from maintainer.errors import SourceUnavailable
from tests.servers.scripted import Scripted, says

API_VERSION = "client.authentication.k8s.io/v1"
EMPTY = says({"metadata": {}, "items": []})


def gives(status: Mapping[str, str]) -> str:
    """A script that prints this status."""
    text = json.dumps({"apiVersion": API_VERSION, "kind": "ExecCredential", "status": status})
    return f"cat <<'END'\n{text}\nEND"


Connect = Callable[..., Cluster]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(EMPTY) as server:
        yield server


@pytest.fixture
def connected(tmp_path: Path, server: Scripted) -> Connect:
    """Connects by a kubeconfig whose user has a plug-in, a shell script; ``more`` is added to its ``exec``."""

    def call(script: str, limits: Limits | None = None, **more: Any) -> Cluster:
        plugin = tmp_path / "login-helper"
        plugin.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        plugin.chmod(0o755)
        user = {"exec": {"apiVersion": API_VERSION, "command": "./login-helper", **more}}
        return connect("", write(tmp_path, server.url, user), limits=limits)

    return call


def write(folder: Path, url: str, user: dict[str, Any], **cluster: str) -> str:
    """A kubeconfig in the folder; its path."""
    file = folder / "kubeconfig"
    value = {
        "clusters": [{"name": "a", "cluster": {"server": url, **cluster}}],
        "users": [{"name": "a", "user": user}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }
    file.write_text(yaml.safe_dump(value), "utf-8")
    return str(file)


def in_base64(content: bytes) -> str:
    return b64encode(content).decode()


def requiring_a_certificate(authority: trustme.CA) -> ssl.SSLContext:
    """A server of this authority that asks each client for a certificate of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def refused(read: Callable[[], object]) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        read()
    return caught.value


def test_the_token_of_a_plug_in_is_sent(connected: Connect, server: Scripted) -> None:
    with closing(connected(gives({"token": "of-the-plug-in"}))) as cluster:
        cluster.services()
    assert server.asked[0].headers["authorization"] == "Bearer of-the-plug-in"


def test_a_plug_in_gets_its_arguments_its_variables_and_the_cluster(connected: Connect, server: Scripted) -> None:
    script = 'printf \'{"status": {"token": "%s-%s-%s"}}\' "$1" "$ROLE" "$(echo "$KUBERNETES_EXEC_INFO" | tr -dc 0-9)"'
    more = {"args": ["one"], "env": [{"name": "ROLE", "value": "reader"}], "provideClusterInfo": True}
    with closing(connected(script, **more)) as cluster:
        cluster.services()
    assert server.asked[0].headers["authorization"].startswith("Bearer one-reader-")
    assert str(server.port) in server.asked[0].headers["authorization"]


def test_a_token_that_expires_is_renewed_before_the_next_request(connected: Connect, server: Scripted) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    given = gives({"token": "number-$n", "expirationTimestamp": soon}).replace("'", "")
    script = f"echo x >> runs; n=$(wc -l < runs); {given}"
    with closing(connected(script)) as cluster:
        cluster.services()
        cluster.services()
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer number-2", "Bearer number-3"]


def test_a_token_that_lasts_is_asked_for_once(connected: Connect, server: Scripted, tmp_path: Path) -> None:
    later = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    given = gives({"token": "a", "expirationTimestamp": later})
    with closing(connected(f"echo x >> runs; {given}")) as cluster:
        cluster.services()
    assert (tmp_path / "runs").read_text("utf-8") == "x\n"


@pytest.mark.parametrize(
    ("script", "reason", "params"),
    [
        ("echo 'session expired' >&2; echo more >&2; exit 7", "failed", {"code": 7, "said": "session expired"}),
        ("exit 1", "failed", {"code": 1, "said": "nothing on stderr"}),
        ("kill -9 $$", "failed", {"code": -9, "said": "nothing on stderr"}),
        ("head -c 3000 /dev/zero | tr '\\0' x >&2; exit 1", "failed", {"said": "x" * 200 + "…"}),
        ("echo no JSON", "answer", {}),
        ("true", "answer", {}),
        ("printf '\\377'", "answer", {}),
        (gives({}), "answer", {}),
        (gives({"clientCertificateData": "x"}), "answer", {}),
        ("""echo '{"status": {"token": 7}}'""", "answer", {}),
    ],
)
def test_a_plug_in_that_fails_is_the_cause(
    connected: Connect, server: Scripted, script: str, reason: str, params: dict[str, Any]
) -> None:
    error = refused(lambda: connected(script))
    assert error.reason == f"cluster-plugin-{reason}"
    assert error.params["command"] == "login-helper"
    assert params.items() <= error.params.items()
    assert server.asked == []


def test_a_plug_in_that_is_not_installed_is_named_with_its_hint(tmp_path: Path, server: Scripted) -> None:
    user = {"exec": {"apiVersion": API_VERSION, "command": "no-such-helper", "installHint": "Install it\nfrom here."}}
    error = refused(lambda: connect("", write(tmp_path, server.url, user)))
    assert (error.reason, error.permanent) == ("cluster-plugin-start", True)
    assert error.params["said"] == "No such file or directory. Install it from here"


@pytest.mark.parametrize(
    "script", ["echo 'waiting for you' >&2; sleep 60", "sleep 60 & wait", "sleep 60 & exit 0", "yes"]
)
def test_a_plug_in_that_does_not_end_is_ended(connected: Connect, script: str) -> None:
    begun = monotonic()
    error = refused(lambda: connected(script, Limits.of_run(0.5)))
    assert error.reason == "cluster-plugin-slow"
    assert monotonic() - begun < 15


def test_a_plug_in_gets_no_more_time_than_the_run(connected: Connect) -> None:
    error = refused(lambda: connected("echo 'please log in' >&2; sleep 60", Limits.of_run(0.5)))
    assert (error.reason, error.params["said"]) == ("cluster-plugin-slow", "please log in")


def test_the_children_of_a_plug_in_end_with_it(connected: Connect, tmp_path: Path) -> None:
    refused(lambda: connected("sleep 60 & echo $! > child; wait", Limits.of_run(0.5)))
    child = int((tmp_path / "child").read_text("utf-8"))
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text("utf-8").split():
            return
        sleep(0.1)
    pytest.fail("the child lives on")


ASK = """
import signal, sys
from maintainer.clients.cluster import connect
cluster = connect("", sys.argv[1])
cluster.services()
print("read", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("origin", ["of the kubeconfig", "of a plug-in"])
def test_a_client_key_works_and_never_reaches_the_disk(tmp_path: Path, origin: str) -> None:
    """It is killed in the middle of a run, so nothing can be cleaned up."""
    authority = trustme.CA()
    own = authority.issue_cert("maintainer@example.com")
    tls = requiring_a_certificate(authority)
    key, certificate = own.private_key_pem.bytes(), own.cert_chain_pems[0].bytes()
    folder = tmp_path / "temporary"
    folder.mkdir()
    with Scripted(EMPTY, tls=tls) as server:
        if origin == "of a plug-in":
            script = gives({"clientCertificateData": certificate.decode(), "clientKeyData": key.decode()})
            (tmp_path / "login").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
            (tmp_path / "login").chmod(0o755)
            user: dict[str, Any] = {"exec": {"apiVersion": API_VERSION, "command": "./login"}}
        else:
            user = {"client-certificate-data": in_base64(certificate), "client-key-data": in_base64(key)}
        trusted = in_base64(authority.cert_pem.bytes())
        file = write(tmp_path, server.url, user, **{"certificate-authority-data": trusted})
        process = subprocess.Popen(
            [sys.executable, "-c", ASK, file], stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(folder)}
        )
        with process:
            assert process.stdout
            assert process.stdout.readline() == b"read\n"
            process.send_signal(signal.SIGKILL)
    assert len(server.asked) == 1
    assert list(folder.iterdir()) == []


def test_a_key_is_in_memory_until_the_client_is_closed_and_gone(tmp_path: Path) -> None:
    before = memory_files()
    user = {"client-certificate-data": in_base64(b"a"), "client-key-data": in_base64(b"b")}
    cluster = connect("", write(tmp_path, "https://127.0.0.1:9", user))
    assert len(memory_files() - before) >= 2
    cluster.close()
    del cluster
    gc.collect()
    assert memory_files() <= before


def memory_files() -> set[str]:
    """The open descriptors of files in memory. Threads of other tests open others at any time."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            if "memfd:" in os.readlink(f"/proc/self/fd/{descriptor}"):
                found.add(descriptor)
    return found


def test_the_secrets_of_a_user_and_of_its_plug_in_are_known(tmp_path: Path, server: Scripted) -> None:
    secrets = KnownSecrets()
    variable = {"name": "CLIENT_SECRET", "value": "hush-variable"}
    (tmp_path / "login").write_text(f"#!/bin/sh\n{gives({'token': 'hush-token'})}\n", "utf-8")
    (tmp_path / "login").chmod(0o755)
    user = {"exec": {"apiVersion": API_VERSION, "command": "./login", "env": [variable]}}
    connect("", write(tmp_path, server.url, user), secrets=secrets).close()
    assert secrets.hide("hush-variable hush-token") == "<secret> <secret>"


def test_what_a_failing_plug_in_quotes_of_its_arguments_and_variables_is_known(tmp_path: Path) -> None:
    secrets = KnownSecrets()
    (tmp_path / "login").write_text('#!/bin/sh\necho "no user for $API_TOKEN and $2" >&2; exit 1\n', "utf-8")
    (tmp_path / "login").chmod(0o755)
    variable = {"name": "API_TOKEN", "value": "hush-variable"}
    plugin = {"apiVersion": API_VERSION, "command": "./login", "args": ["--client-secret", "hush-2"], "env": [variable]}
    path = write(tmp_path, "https://127.0.0.1:9", {"exec": plugin})
    error = refused(lambda: connect("", path, secrets=secrets))
    assert secrets.hide(str(error.params["said"])) == "no user for <secret> and <secret>"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("kubeconfig", "it is a pipe, not a file"),
        ("tokenFile", "it is a pipe, not a file"),
        ("client-key", "File does not exist"),
    ],
)
def test_a_pipe_is_refused_wherever_a_kubeconfig_names_a_file(tmp_path: Path, where: str, said: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    path = write(tmp_path, "https://127.0.0.1:9", {"client-certificate": "file", where: "pipe"})
    with pytest.raises(SourceUnavailable, match=said):
        connect("", str(tmp_path / "pipe") if where == "kubeconfig" else path)
