"""One controller pod as Prometheus sees it: ``/metrics`` of the Argo Rollouts controller v1.9.2."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from aiohttp import web

from maintainer.sandbox.series import Block, Observed, described, of_analysis, of_process, of_rollout
from maintainer.sandbox.store import Entry, Key, Store
from maintainer.sandbox.textformat import header, labelled, line

RESYNC = 900.0
"""Seconds after which the controller reconciles every Rollout again."""

FIRST = 3
"""Reconciles that a Rollout has as soon as the controller knows it."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REQUESTS = "controller_clientset_k8s_request_total"


@dataclass(frozen=True, slots=True)
class Distortion:
    """What the controller prints wrongly: Rollouts nobody has, none for some, another phase, other numbers.

    It does not look at those that are ``unwatched`` any more, so their counts stand still.
    """

    ghosts: Mapping[Key, Entry] = field(default_factory=dict)
    missing: frozenset[Key] = frozenset()
    phases: Mapping[Key, str] = field(default_factory=dict)
    gauges: Mapping[Key, Mapping[str, float]] = field(default_factory=dict)
    unwatched: frozenset[Key] = frozenset()


@dataclass(slots=True)
class _Rendered:
    """The last text of a Rollout; ``made_from`` is what it depends on, ``writes`` the versions of it that were seen."""

    made_from: tuple[Any, ...]
    writes: int
    reconciles: int
    block: Block


class Controller:
    """A pod of the controller. Its attributes may be changed at any time; the next scrape shows it.

    ``leading``: a standby prints neither Rollouts nor analyses. ``cache_lag``: seconds by which its view of the
    API is old, asked anew for each scrape (a view never goes back). ``distortion``: planted faults.
    ``down``: "" or "error" (HTTP 500) or "closed" (no answer). ``extra``: raw lines added to the end.
    """

    def __init__(
        self,
        store: Store,
        *,
        pod: str = "argo-rollouts-0",
        leading: bool = True,
        analysis: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
        distortion: Distortion | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.pod = pod
        self.leading = leading
        self.distortion = distortion or Distortion()
        self.cache_lag: Callable[[], float] = lambda: 0.0
        self.down = ""
        self.extra: list[str] = []
        self.store = store
        self._analysis = [of_analysis(kind, entry) for kind, rows in (analysis or {}).items() for entry in rows]
        self._lock = threading.Lock()
        self._clock = clock
        self.started = time()
        self._ready = clock()
        self._seen_at = 0.0
        self._rendered: dict[Key, _Rendered] = {}

    def grow_old(self, seconds: float) -> None:
        """Have been running for so much longer."""
        self.started -= seconds
        self._ready -= seconds

    def app(self) -> web.Application:
        """The HTTP server of the pod."""
        app = web.Application()
        app.router.add_get("/metrics", self._answer)
        return app

    def metrics(self) -> str:
        """The text of ``/metrics`` now."""
        with self._lock:
            blocks = self._leading() if self.leading else []
            adds = sum(rendered.reconciles for rendered in self._rendered.values())
        blocks.append(of_process(leading=self.leading, started=self.started, adds=adds))
        extra = "".join(f"{text}\n" for text in self.extra)
        families = described()["families"].items()
        return "".join(_family(name, row, blocks=blocks) for name, row in families) + extra

    async def _answer(self, request: web.Request) -> web.Response:
        if self.down == "error":
            return web.Response(status=500, text="An error has occurred while serving metrics\n")
        if self.down and request.transport:
            request.transport.abort()
        return web.Response(body=self.metrics().encode(), headers={"Content-Type": CONTENT_TYPE})

    def _leading(self) -> list[Block]:
        return [*self._analysis, *self._rollouts(), {REQUESTS: self._status_writes()}]

    def _rollouts(self) -> list[Block]:
        self._seen_at = max(self._seen_at, self._clock() - self.cache_lag())
        shown = {**self.store.seen("rollouts", self._seen_at), **self.distortion.ghosts}
        for key in self._rendered.keys() - shown.keys():
            del self._rendered[key]
        resyncs = int((self._clock() - self._ready) / RESYNC)
        return [
            self._block(key, entry, resyncs=resyncs)
            for key, entry in shown.items()
            if key not in self.distortion.missing
        ]

    def _block(self, key: Key, entry: Entry, *, resyncs: int) -> Block:
        phase = self.distortion.phases.get(key, entry.emits)
        wrong = self.distortion.gauges.get(key, {})
        resyncs = 0 if key in self.distortion.unwatched else resyncs
        made_from = (entry.version, phase, resyncs, *wrong.items())
        old = self._rendered.get(key)
        if old is None or old.made_from != made_from:
            changed = old is None or old.made_from[:2] != made_from[:2]
            writes = (old.writes if old else FIRST - 1) + changed
            block = of_rollout(Observed(entry.object, phase, writes + resyncs, wrong))
            old = self._rendered[key] = _Rendered(made_from, writes, writes + resyncs, block)
        return old.block

    def _status_writes(self) -> str:
        """Patches of ``rollouts/NAME/status``, whose labels the controller takes from the wrong path segments."""
        writes: Counter[str] = Counter()
        for (_, name), rendered in self._rendered.items():
            writes[name] += rendered.reconciles
        fixed = {"name": "status", "namespace": "rollouts", "verb": "Patch", "status_code": "200"}
        return "".join(line(REQUESTS, labelled({**fixed, "kind": name}), value=count) for name, count in writes.items())


def _family(name: str, described_as: Sequence[str], *, blocks: Iterable[Block]) -> str:
    lines = "".join([block[name] for block in blocks if name in block])
    return header(name, *described_as) + lines if lines else ""
