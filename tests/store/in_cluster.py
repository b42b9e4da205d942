"""The store in the sandbox's cluster, and writers of it that are killed between two requests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.stored_objects import StoredObjects
from maintainer.model.clock import Clock
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.cluster import namespaces
from maintainer.sandbox.store import Store as Objects
from maintainer.store.configmaps import ConfigMapStore
from maintainer.store.lease import Lease
from tests.store.machine import Killed

REAL = Clock(time.monotonic, time.sleep)


class Dying:
    """A client that is killed before the request with this number, or after it, when its answer is lost."""

    def __init__(self, cluster: Cluster, number: int, *, after: bool = False) -> None:
        self._cluster, self._left, self._after = cluster, number, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._cluster, name)
        return self._called(method) if name in {"get", "apply", "patch", "delete"} else method

    def _called(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0 and self._after:
                method(*args, **named)
            if self._left == 0:
                raise Killed
            return method(*args, **named)

        return call


class InCluster:
    """An API server with the namespace ``maintainer``, and the store in it."""

    def __init__(self, folder: Path) -> None:
        self.objects = Objects()
        namespaces(self.objects, ["maintainer"])
        self.api = ApiServer(self.objects).start()
        self._kubeconfig = folder / "kubeconfig"
        self._kubeconfig.write_text(kubeconfig(self.api.url), "utf-8")
        self.cluster = connect("", str(self._kubeconfig))

    def stop(self) -> None:
        self.cluster.close()
        self.api.stop()

    def store(
        self, cluster: Any = None, *, clock: Clock = REAL, duration: float = 60.0, behind: float = 0.0
    ) -> ConfigMapStore:
        """The store of a program whose clock is behind by some seconds."""
        objects = StoredObjects(cluster or self.cluster, "maintainer")

        def now() -> datetime:
            return datetime.fromtimestamp(time.time() - behind, UTC)

        lease = Lease(objects, "maintainer", clock=clock, now=now, duration=duration)
        return ConfigMapStore(objects, "maintainer", lease=lease)
