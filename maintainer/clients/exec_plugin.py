"""Runs the program that a kubeconfig names for credentials, with a deadline, and says what failed if it does."""

import json
import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from maintainer.clients.decoding import BrokenAnswer, Moment, decoded, shortened
from maintainer.errors import SourceUnavailable

SECONDS = 30.0
"""The time for a plug-in."""
_MOST_BYTES = 1 << 20
_SHOWN = 200


class Credential(msgspec.Struct, rename="camel"):
    """The ``status`` of an ExecCredential: a token, or a client certificate with its key as PEM."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: Moment | None = None


class _ExecCredential(msgspec.Struct):
    status: Credential


class _Output(NamedTuple):
    """What a plug-in wrote; ``code`` ``None`` if it was ended because it took too long or wrote too much."""

    stdout: bytes
    stderr: bytes
    code: int | None


def credential(plugin: Mapping[str, Any], folder: str, cluster: Mapping[str, Any], *, seconds: float) -> Credential:
    """What a plug-in gives, the ``exec`` of a kubeconfig that is in the ``folder``; ``cluster`` is the entry there.

    It gets no terminal. Raises :class:`SourceUnavailable`, which names the plug-in and the cause.
    """
    command = [str(plugin["command"]), *map(str, plugin.get("args") or ())]
    name = os.path.basename(command[0])
    variables = {str(entry["name"]): str(entry["value"]) for entry in plugin.get("env") or ()}
    environment = {**os.environ, **variables, "KUBERNETES_EXEC_INFO": json.dumps(_request(plugin, cluster))}
    try:
        output = _run(command, folder, environment, seconds=seconds)
    except (OSError, ValueError) as error:
        hint = shortened(str(plugin.get("installHint") or ""), _SHOWN)
        said = f"{error.strerror if isinstance(error, OSError) else error}. {hint}".strip(" .")
        raise SourceUnavailable("cluster-plugin-start", permanent=True, command=name, said=said) from error
    said = shortened(_first_line(output.stderr), _SHOWN) or "nothing on stderr"
    if output.code is None:
        raise SourceUnavailable("cluster-plugin-slow", command=name, seconds=round(seconds), said=said)
    if output.code:
        raise SourceUnavailable("cluster-plugin-failed", command=name, code=output.code, said=said)
    return _given(output.stdout, name)


def _request(plugin: Mapping[str, Any], cluster: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ExecCredential that a plug-in is given in its environment."""
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        extensions = {entry["name"]: entry["extension"] for entry in cluster.get("extensions") or ()}
        spec["cluster"] = {**cluster, "config": extensions.get("client.authentication.k8s.io/exec")}
    return {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}


def _run(command: Sequence[str], folder: str, environment: Mapping[str, str], *, seconds: float) -> _Output:
    """Run a program until it ends, or until the time is over or it wrote too much; its children end with it."""
    with subprocess.Popen(  # noqa: S603 - the kubeconfig names it
        command,
        cwd=folder or None,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        deadline = monotonic() + seconds
        try:
            stdout, stderr = _read(process, deadline)
            return _Output(stdout, stderr, process.wait(max(deadline - monotonic(), 0.0)))
        except subprocess.TimeoutExpired as error:
            return _Output(b"", error.stderr or b"", None)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _read(process: "subprocess.Popen[bytes]", deadline: float) -> tuple[bytes, bytes]:
    """What a program writes until it closes both streams. Raises ``TimeoutExpired`` at the deadline or a limit."""
    texts = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in texts:
            selector.register(stream, selectors.EVENT_READ)  # type: ignore[arg-type]  # both are pipes
        while selector.get_map():
            ready = selector.select(max(deadline - monotonic(), 0.0))
            if not ready or max(map(len, texts.values())) > _MOST_BYTES:
                raise subprocess.TimeoutExpired(process.args, 0.0, stderr=bytes(texts[process.stderr]))
            for key, _ in ready:
                part = os.read(key.fd, 1 << 16)
                texts[key.fileobj] += part  # type: ignore[index]  # one of the two streams
                if not part:
                    selector.unregister(key.fileobj)
    return bytes(texts[process.stdout]), bytes(texts[process.stderr])


def _given(stdout: bytes, name: str) -> Credential:
    """The credential in what a plug-in wrote, which no error quotes."""
    try:
        given = decoded(stdout, _ExecCredential).status
    except BrokenAnswer as error:
        raise SourceUnavailable("cluster-plugin-answer", permanent=True, command=name, detail=str(error)) from None
    if not given.token and not (given.client_certificate_data and given.client_key_data):
        detail = "its status has no token, and no client certificate with a key"
        raise SourceUnavailable("cluster-plugin-answer", permanent=True, command=name, detail=detail)
    return given


def _first_line(text: bytes) -> str:
    return text[:4096].decode("utf-8", "replace").strip().partition("\n")[0]
