"""The real controller behind a slow network: answers of the API server to its writes arrive late.

This makes its known fault happen for certain. A controller before v1.10 puts the answer to a write into its cache, also
if a newer version of the Rollout has come in through its watch while the answer was on its way.
"""

import asyncio
import re
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import yaml
import yarl
from aiohttp import ClientResponse, ClientSession, ClientTimeout, TCPConnector, web

from maintainer.sandbox.serving import Serving
from tests.e2e.overlooked import Key
from tests.e2e.parts import found
from tests.e2e.plane import URL
from tests.e2e.processes import Process, start_as_pod
from tests.e2e.sites import Site

_ROLLOUT = re.compile("/apis/argoproj.io/v1alpha1/namespaces/([^/]+)/rollouts/([^/]+)(?:/status)?")
_OF_A_CONNECTION = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
"""Headers that are not forwarded."""
LONGEST = 60.0
"""Seconds after which an answer is no longer held back."""


@dataclass(slots=True)
class _Held:
    written: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class LateAnswers:
    """Forwards requests to the API server with a token, and holds back answers if it is told to."""

    token: str
    ca_file: str
    _held: dict[Key, _Held] = field(default_factory=dict)
    _open: set["asyncio.Task[web.StreamResponse]"] = field(default_factory=set)

    @contextmanager
    def held(self, key: Key) -> Iterator[threading.Event]:
        """Hold back the answers to writes of this Rollout; the event is set when the API server has got the first."""
        held = self._held[key] = _Held()
        try:
            yield held.written
        finally:
            del self._held[key]
            held.released.set()

    def app(self) -> web.Application:
        """The server."""
        app = web.Application(client_max_size=1 << 24)
        app.cleanup_ctx.append(self._session)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _session(self, app: web.Application) -> AsyncIterator[None]:
        connector = TCPConnector(ssl=ssl.create_default_context(cafile=self.ca_file), limit=0)
        async with ClientSession(connector=connector, auto_decompress=False, timeout=ClientTimeout()) as session:
            app[_SESSION] = session
            yield
            # The controller has ended, and its watches wait for events that may never come.
            for forwarding in self._open:
                forwarding.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        forwarding = asyncio.create_task(self._forward(request))
        self._open.add(forwarding)
        try:
            return await forwarding
        finally:
            self._open.discard(forwarding)

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {**_forwarded(request.headers), "Authorization": f"Bearer {self.token}"}
        url = yarl.URL(f"{URL}{request.raw_path}", encoded=True)
        session = request.app[_SESSION]
        async with session.request(request.method, url, data=body or None, headers=headers) as answer:
            written = _ROLLOUT.fullmatch(request.path) if request.method == "PATCH" else None
            if written and (held := self._held.get((written[1], written[2]))):
                held.written.set()
                await asyncio.to_thread(held.released.wait, LONGEST)
            return await _passed_on(request, answer)


_SESSION = web.AppKey("session", ClientSession)


async def _passed_on(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    """The answer as it arrives: that to a watch has no end."""
    response = web.StreamResponse(status=answer.status, headers=_forwarded(answer.headers))
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


def _forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_A_CONNECTION}


@contextmanager
def behind_a_slow_network(site: Site) -> Iterator[LateAnswers]:
    """The controller of the site, started anew so that it reaches the API server only through :class:`LateAnswers`."""
    account = site.plane.account("argo-rollouts", "argo-rollouts")
    answers, serving = LateAnswers((account / "token").read_text(), str(account / "ca.crt")), Serving()
    site.stop("controller")
    process: Process | None = None
    try:
        config = account.parent / "slow-network.yaml"
        config.write_text(_kubeconfig(serving.listen(answers.app())))
        pod = site.plane.pod("argo-rollouts", "app.kubernetes.io/name=argo-rollouts")
        command = [found("rollouts-controller"), f"--kubeconfig={config}", "--qps=200", "--burst=400"]
        process = start_as_pod(pod, command, account=account, environment={})
        process.wait_for("http://127.0.0.1:8090/metrics")
        yield answers
    finally:
        if process is not None:
            process.stop()
        serving.stop()
        site.start_controller()


def _kubeconfig(server: str) -> str:
    return yaml.safe_dump({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "slow",
        "contexts": [{"name": "slow", "context": {"cluster": "slow", "user": "", "namespace": "argo-rollouts"}}],
        "clusters": [{"name": "slow", "cluster": {"server": server}}],
    })  # fmt: skip
