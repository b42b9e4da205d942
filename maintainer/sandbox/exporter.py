"""A simulated controller pod: ``/metrics`` as the Argo Rollouts controller v1.9.2 serves it."""

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
"""The number of reconciles when the controller sees a Rollout for the first time."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REQUESTS = "controller_clientset_k8s_request_total"


@dataclass(frozen=True, slots=True)
class Distortion:
    """What the controller exposes wrongly.

    ``ghosts`` are Rollouts that do not exist, and ``missing`` those without series. ``phases`` and ``gauges`` are the
    wrong phase and the wrong values by family. The controller does not reconcile ``unwatched`` Rollouts, so their
    counters stay as they are.
    """

    ghosts: Mapping[Key, Entry] = field(default_factory=dict)
    missing: frozenset[Key] = frozenset()
    phases: Mapping[Key, str] = field(default_factory=dict)
    gauges: Mapping[Key, Mapping[str, float]] = field(default_factory=dict)
    unwatched: frozenset[Key] = frozenset()


@dataclass(slots=True)
class _Rendered:
    """The cached text of a Rollout. ``made_from`` is what it depends on.

    ``writes`` are the reconciles without resyncs: each new version of the Rollout adds 1.
    """

    made_from: tuple[Any, ...]
    writes: int
    reconciles: int
    block: Block


class Controller:
    """A pod of the controller. Its attributes can be changed at any time, and the next scrape shows the change.

    ``leading`` is false for a standby, which exposes neither Rollouts nor analyses. ``cache_lag`` is called for each
    scrape and returns the age of the informer cache in seconds; the cache never goes back in time. ``distortion`` are
    the planted faults. ``down`` is "", "error" (HTTP 500) or "closed" (no response). ``extra`` are lines that are added
    to the end of the page.
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
        """Move the start of the process into the past by so many seconds."""
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
            blocks = self._leader_blocks() if self.leading else []
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

    def _leader_blocks(self) -> list[Block]:
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
        rendered = self._rendered.get(key)
        if rendered is None or rendered.made_from != made_from:
            changed = rendered is None or rendered.made_from[:2] != made_from[:2]
            writes = (rendered.writes if rendered else FIRST - 1) + changed
            block = of_rollout(Observed(entry.object, phase, writes + resyncs, wrong))
            rendered = self._rendered[key] = _Rendered(made_from, writes, writes + resyncs, block)
        return rendered.block

    def _status_writes(self) -> str:
        """The requests that patch ``rollouts/NAME/status``.

        The real controller takes their labels from the wrong segments of the path: ``kind`` is NAME, ``name`` is
        ``status`` and ``namespace`` is ``rollouts``.
        """
        writes: Counter[str] = Counter()
        for (_, name), rendered in self._rendered.items():
            writes[name] += rendered.reconciles
        fixed = {"name": "status", "namespace": "rollouts", "verb": "Patch", "status_code": "200"}
        return "".join(line(REQUESTS, labelled({**fixed, "kind": name}), value=count) for name, count in writes.items())


def _family(name: str, type_and_help: Sequence[str], *, blocks: Iterable[Block]) -> str:
    kind, description = type_and_help
    lines = "".join([block[name] for block in blocks if name in block])
    return header(name, kind, description=description) + lines if lines else ""
