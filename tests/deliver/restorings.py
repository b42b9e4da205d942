"""A cluster, a store and a Prometheus for the tests of restoring. All of them can die in the middle."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import requests
import yaml

from maintainer.analyse.drift.audit import ComparedObject
from maintainer.analyse.drift.objects import changes
from maintainer.analyse.drift.restoring import Policy, restoring_plan
from maintainer.clients.cluster import connect
from maintainer.clients.object_writes import ObjectWrites
from maintainer.deliver.proof import Patience, Proof, Refused
from maintainer.deliver.restoring import Restorer
from maintainer.model.clock import Clock
from maintainer.model.drift import DesiredObject, ObjectId
from maintainer.model.restoring import Deed, PlannedWrite, RestoringPlan
from maintainer.sandbox.api import TOKEN, ApiServer, kubeconfig
from maintainer.sandbox.cluster import namespaces
from maintainer.sandbox.store import Store
from maintainer.store.directory import DirectoryStore
from maintainer.store.restored import Restored

APPLY, MERGE = "application/apply-patch+yaml", "application/merge-patch+json"
NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
RULE = "groups:\n- name: {}\n  rules:\n  - alert: A\n    expr: up == {}\n"
BAD = "refuse me"
PLURALS = {"ConfigMap": "configmaps", "Service": "services"}
PORT = {"name": "metrics", "port": 8090, "targetPort": 8090}


W = TypeVar("W", bound="World")


class Killed(BaseException):
    """The process is gone. Not an ``Exception``, so that nothing catches it."""


@dataclass
class Fate:
    """Counts the steps of a run, and ends it before or after one of them."""

    at: float = float("inf")
    steps: int = 0

    def step(self, do: Callable[[], Any]) -> Any:
        self.steps += 1
        if self.steps == self.at:
            raise Killed
        done = do()
        if self.steps == self.at - 0.5:
            raise Killed
        return done


class Mortal:
    """An object of which each call of these methods is a step."""

    def __init__(self, of: object, fate: Fate, *names: str) -> None:
        self._of, self._fate, self._names = of, fate, names

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._of, name)
        if name not in self._names:
            return method
        return lambda *args, **more: self._fate.step(lambda: method(*args, **more))


@dataclass
class World:
    """A cluster with three objects that Helm has applied; Prometheus loads the rules of two of them.

    The kubelet brings a file after ``delay`` seconds. ``seconds`` is the time, and ``behind`` how many of them the
    clock of the machine is behind.
    """

    api: ApiServer
    objects: ObjectWrites
    folder: Path
    delay: float = 0.0
    seconds: float = 0.0
    behind: float = 0.0
    loaded: dict[str, str] = field(default_factory=dict)
    mounted: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    reloads: int = 0

    def send(self, path: str, body: Mapping[str, Any], manager: str, media_type: str = MERGE) -> None:
        answer = requests.patch(
            f"{self.api.url}{path}",
            params={"fieldManager": manager},
            json=body,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": media_type},
            timeout=10,
        )
        assert answer.ok, answer.text

    def edit(self, name: str, text: str) -> None:
        """``kubectl edit`` of a rule."""
        self.send(f"/api/v1/namespaces/monitoring/configmaps/{name}", {"data": {"a.rules.yml": text}}, "kubectl-edit")

    def content(self, wanted: ObjectId) -> dict[str, Any]:
        stored = self.objects.read(wanted)
        assert stored
        return dict(stored.content)

    def texts(self) -> dict[str, str]:
        maps = (one.id for one in deployed() if one.id.kind == "ConfigMap")
        return {one.name: self.content(one)["data"]["a.rules.yml"] for one in maps}

    def ports(self) -> list[int]:
        return [port["port"] for port in self.content(deployed()[0].id)["spec"]["ports"]]

    def owners(self) -> list[set[str]]:
        return [
            {manager.name for manager in stored.managers if manager.fields}
            for stored in (self.objects.read(one.id) for one in deployed())
            if stored
        ]

    def reload(self) -> None:
        """Prometheus reads the files that the kubelet has brought, and keeps what it has if one is refused."""
        self.reloads += 1
        now = self.texts()
        if self.mounted[-1][1] != now:
            self.mounted.append((self.seconds, now))
        self.read([texts for at, texts in self.mounted if at + self.delay <= self.seconds][-1])

    def read(self, texts: dict[str, str]) -> None:
        """What Prometheus makes of these files."""
        if any(BAD in text for text in texts.values()):
            raise Refused("Prometheus", "bad rule")
        self.loaded = texts

    def compared(self) -> list[ComparedObject]:
        found = [(one, self.objects.read(one.id)) for one in self.wanted]
        return [ComparedObject(one, stored, changes(one, stored) if stored else ()) for one, stored in found]

    wanted: Sequence[DesiredObject] = ()

    def plan(self) -> RestoringPlan:
        return restoring_plan(self.compared(), Policy())

    def plan_without(self, name: str) -> RestoringPlan:
        """The plan as of a time at which there was no such object."""
        found = [
            replace(one, stored=None, changes=()) if one.desired.id.name == name else one for one in self.compared()
        ]
        return restoring_plan(found, Policy())

    def again(self, wanted: ObjectId) -> PlannedWrite | None:
        return next((write for write in self.plan().writes if write.rewrite.id == wanted), None)

    def restorer(self, fate: Fate | None = None) -> Restorer:
        """Restores as a process of its own would."""
        fate = fate or Fate()
        notes = Restored(DirectoryStore(str(self.folder)), "demo", self.now)
        proof: Proof[dict[str, str]] = Proof(
            lambda: fate.step(self.reload),
            lambda: self.loaded,
            lambda seen: "yes" if seen == self.texts() else "no",
            lambda _: (),
        )
        return Restorer(
            Mortal(self.objects, fate, "read", "write"),
            Mortal(notes, fate, "begin", "note"),
            proofs={"configuration": lambda _: proof},
            patience=Patience(Clock(lambda: self.seconds, self.sleep), 300, 60),
        )

    def run(self, fate: Fate | None = None) -> tuple[Deed, ...]:
        """A whole run: what was left is ended first."""
        restorer = self.restorer(fate)
        return (*restorer.recover(), *restorer.restore(self.plan(), self.again))

    def now(self) -> datetime:
        self.seconds += 0.001
        return NOW + timedelta(seconds=self.seconds - self.behind)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def config_map(name: str, text: str) -> dict[str, Any]:
    metadata = {"namespace": "monitoring", "name": name, "labels": {"app": "prometheus"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a.rules.yml": text}}


def service() -> dict[str, Any]:
    metadata = {"namespace": "argo-rollouts", "name": "metrics", "labels": {"app": "argo-rollouts"}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [PORT]}}


def deployed(rule: str = RULE) -> tuple[DesiredObject, ...]:
    made = (service(), *(config_map(name, rule.format(name, 0)) for name in ("one", "two")))
    return tuple(
        DesiredObject(
            ObjectId("v1", one["kind"], one["metadata"]["namespace"], one["metadata"]["name"]), one, "manifests"
        )
        for one in made
    )


def world(folder: Path, wanted: Sequence[DesiredObject] = ()) -> AbstractContextManager[World]:
    """The cluster as it was deployed, and then edited."""
    return world_of(World, folder, wanted)


@contextmanager
def world_of(kind: type[W], folder: Path, wanted: Sequence[DesiredObject] = ()) -> Iterator[W]:
    """The cluster as it was deployed, and then edited: a port, and both rules."""
    store = Store()
    namespaces(store, ["monitoring", "argo-rollouts"])
    api = ApiServer(store).start()
    config = folder / "kubeconfig"
    config.write_text(kubeconfig(api.url))
    try:
        with closing(connect("", str(config))) as cluster:
            made = kind(api, ObjectWrites(cluster, lambda one: PLURALS[one.kind]), folder / "store")
            made.wanted = wanted or deployed()
            for one in deployed():
                path = f"/api/v1/namespaces/{one.id.namespace}/{PLURALS[one.id.kind]}/{one.id.name}"
                made.send(path, one.content, "helm", APPLY)
            made.send(
                "/api/v1/namespaces/argo-rollouts/services/metrics", {"spec": {"ports": [{**PORT, "port": 9}]}}, "me"
            )
            for name in ("one", "two"):
                made.edit(name, RULE.format(name, 1))
            made.loaded = made.texts()
            made.mounted = [(-1e9, made.loaded)]
            yield made
    finally:
        api.stop()


def expr(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: yaml.safe_load(text)["groups"][0]["rules"][0]["expr"] for name, text in texts.items()}
