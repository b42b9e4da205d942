"""Runs that are remembered: what the next report says of them, and what happens when the store cannot be used."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maintainer.errors import ConfigError, DeliveryFailed
from maintainer.model.clock import Clock
from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry, unpacked
from maintainer.model.message import message
from maintainer.model.report import Gap
from maintainer.render.terminal import terminal
from maintainer.reporting import Job, Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.settings import load
from maintainer.store.directory import DirectoryStore
from maintainer.store.interface import Store
from maintainer.store.memory import Memory
from tests.runner.test_run import OCTOBER, REFUSED, concluding, finding, monthly_run
from tests.store.in_cluster import InCluster

NOVEMBER = datetime(2026, 11, 1, 3, tzinfo=UTC)
FAILED = finding("pipeline/reload")
Run = Callable[..., Outcome]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[InCluster]:
    world = InCluster(tmp_path)
    yield world
    world.stop()


@pytest.fixture
def do(world: InCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a job by hand on the cluster; ``flags`` are settings by their dotted keys."""
    monkeypatch.chdir(tmp_path)

    def call(job: Job, flags: dict[str, Any] | None = None, *, now: datetime = NOVEMBER, file: str = "") -> Outcome:
        machine = Machine(Clock(lambda: 0.0, lambda _seconds: None), now, "1.2.3", file or str(tmp_path / "kubeconfig"))
        usual = {"prometheus.url": REFUSED, "reports.directory": str(tmp_path / "out")}
        return run(monthly_run(job), load("", {}, usual | (flags or {})), machine)

    return call


IN_CLUSTER = {"store.kind": "configmaps", "store.record": True}
RECORDED = {"store.record": True}


def entries(store: Store) -> tuple[Entry, ...]:
    ledger: Memory[Entry] = Memory(store, LEDGER, "ledger")
    return ledger.read().records


def states(outcome: Outcome) -> list[tuple[str, str, str | None]]:
    return [(found["check"], found["state"], found.get("firstSeen")) for found in outcome.document["findings"]]


@pytest.mark.parametrize("flags", [IN_CLUSTER, RECORDED], ids=["config maps", "folder"])
def test_a_recorded_run_is_what_the_next_one_is_compared_with(do: Run, flags: dict[str, Any]) -> None:
    october = datetime(2026, 10, 1, 3, tzinfo=UTC)
    first = do(concluding(FAILED, finding("pipeline/target")), flags, now=october)
    assert (first.exit_code, first.document["comparedWith"]) == (0, None)

    second = do(concluding(FAILED, finding("pipeline/version")), flags)

    assert states(second) == [("pipeline/reload", "still", "2026-10-01"), ("pipeline/version", "new", None)]
    assert [(gone["check"], gone["firstSeen"]) for gone in second.document["resolved"]] == [
        ("pipeline/target", "2026-10-01")
    ]
    assert second.document["comparedWith"] == "2026-10-01T03:00:00+00:00"
    assert (first.document["earlier"], [one["figures"] for one in second.document["earlier"]]) == (
        [],
        [first.document["figures"]],
    )
    summary = terminal(second.document, second.catalogue, width=200, colour=False)
    assert "[pipeline/reload, first seen on 2026-10-01]" in summary
    assert "[pipeline/version]" in summary
    assert {Path(name).suffix for name, text in second.texts.items() if "first seen on 2026-10-01" in text} == {
        ".html",
        ".md",
    }


def test_an_accepted_finding_comes_back_after_its_date_and_the_report_says_so(do: Run) -> None:
    known = {"check": "pipeline/*", "subject": "Service/*", "reason": "moves with TICKET-1", "until": "2026-10-31"}
    flags = RECORDED | {"accept": [known]}

    october = do(concluding(FAILED), flags, now=datetime(2026, 10, 31, 3, tzinfo=UTC))
    assert states(october) == [("pipeline/reload", "accepted", None)]
    assert october.document["verdict"] == "ok"
    assert all("moves with TICKET-1" in text for text in october.texts.values())

    november = do(concluding(FAILED), flags)
    assert states(november) == [("pipeline/reload", "still", "2026-10-31")]
    assert november.document["verdict"] == "findings"
    assert [unused["why"] for unused in november.document["unusedAcceptances"]] == ["expired"]
    said = "pipeline/*, Service/*: 2026-10-31 was its last day. Remove it, or set a later date in until."
    assert said in terminal(november.document, november.catalogue, width=200, colour=False)


def test_the_ledger_has_the_result_the_figures_and_the_report(do: Run) -> None:
    outcome = do(concluding(FAILED), RECORDED)

    (entry,) = entries(DirectoryStore("reports/store"))
    assert (entry.cluster, entry.job, entry.period, entry.at) == ("sandbox", "monthly", "2026-10", NOVEMBER)
    assert (entry.result, entry.verdict, entry.figures) == ("done", "findings", {"rollouts": 1, "samples": 2})
    assert unpacked(entry.report) in outcome.texts.values()
    assert outcome.notes == ("recorded in reports/store",)


def test_a_run_with_gaps_is_recorded_as_incomplete(do: Run) -> None:
    do(concluding(gaps=(Gap("query/error", "passing", message("gap/no-emitter")),)), RECORDED)
    assert [entry.result for entry in entries(DirectoryStore("reports/store"))] == ["incomplete"]


def test_without_record_nothing_is_written(do: Run, world: InCluster, tmp_path: Path) -> None:
    outcome = do(concluding(FAILED))

    assert (outcome.notes, outcome.warnings) == ((), ())
    assert not (tmp_path / "reports").exists()
    assert {method for method, _ in world.api.requests} == {"GET"}
    assert len(world.api.requests) == 1


def test_by_hand_the_ledger_of_the_cluster_is_read_where_there_is_one(do: Run, world: InCluster) -> None:
    do(concluding(FAILED), {**IN_CLUSTER, "cluster.name": "production"})
    before = world.objects.snapshot("configmaps").version

    assert states(do(concluding(FAILED))) == [("pipeline/reload", "still", "2026-11-01")]
    assert world.objects.snapshot("configmaps").version == before

    assert do(concluding(), RECORDED).notes[-1].startswith("recorded in ConfigMaps maintainer/maintainer-…")
    assert [entry.cluster for entry in entries(world.store())] == ["production"]


def test_by_hand_a_store_that_may_not_be_read_is_no_gap_and_no_error(do: Run, world: InCluster) -> None:
    world.api.forbid("get", "configmaps")
    outcome = do(concluding(FAILED))

    assert (outcome.exit_code, outcome.notes, outcome.warnings, outcome.document["gaps"]) == (0, (), (), [])


def test_a_ledger_that_is_nonsense_is_told_and_set_aside_by_a_recorded_run(do: Run, world: InCluster) -> None:
    metadata = {"namespace": "maintainer", "name": "maintainer-ledger"}
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"edited": "by hand"}}
    world.objects.put("configmaps", item)

    (read,) = do(concluding(FAILED)).warnings
    assert "The document ledger" in read
    assert "this program has not written it" in read
    outcome = do(concluding(FAILED), IN_CLUSTER)

    assert outcome.exit_code == 0
    assert "It was copied to maintainer-aside-1, and a new one was begun." in outcome.warnings[0]
    assert states(do(concluding(FAILED))) == [("pipeline/reload", "still", "2026-11-01")]


@pytest.mark.parametrize("verb", ["create", "patch"])
def test_a_report_that_cannot_be_recorded_is_written_and_told(do: Run, world: InCluster, verb: str) -> None:
    world.api.forbid(verb, "configmaps")
    outcome = do(concluding(FAILED), IN_CLUSTER)

    assert outcome.exit_code == 4
    assert [file.exists() for file in outcome.files] == [True, True, True]
    assert outcome.warnings[-1].startswith(
        "The report could not be recorded, so the next one is not compared with it: The"
    )
    assert "verbs [create, patch]" in outcome.warnings[-1]


def test_a_run_that_may_not_have_the_lease_is_recorded_without_it(do: Run, world: InCluster) -> None:
    world.api.forbid("get", "leases")
    outcome = do(concluding(FAILED), IN_CLUSTER)

    assert outcome.exit_code == 0
    assert outcome.warnings[0].startswith(
        "This run is recorded without the lock that prevents two runs at once: The account"
    )
    assert len(entries(world.store())) == 1


def test_an_api_that_does_not_answer_costs_a_recorded_run_no_report(do: Run, tmp_path: Path) -> None:
    (tmp_path / "gone").write_text(kubeconfig(REFUSED), "utf-8")
    outcome = do(concluding(FAILED), IN_CLUSTER, file=str(tmp_path / "gone"))

    assert outcome.exit_code == 4
    assert len(outcome.files) == 3
    assert any("could not be recorded" in note for note in outcome.warnings)


@pytest.mark.parametrize("flags", [IN_CLUSTER, RECORDED], ids=["lease", "folder"])
def test_of_two_recorded_runs_the_second_says_who_holds_the_lock_and_does_not_run(
    do: Run, flags: dict[str, Any]
) -> None:
    def job(*_arguments: Any) -> Any:
        with pytest.raises(DeliveryFailed, match=r"holds the lock of .*: monthly on .*, process \d+, since 2026-11-01"):
            do(lambda *_: pytest.fail("the second ran"), {**flags, "store.waitLock": "0s"})
        assert do(concluding()).exit_code == 0, "a run that is not recorded needs no lock"
        return concluding(FAILED)(*_arguments)

    assert do(job, flags).exit_code == 0


def test_a_run_waits_for_the_lock_as_long_as_it_is_told(do: Run, tmp_path: Path, world: InCluster) -> None:
    passed: list[float] = []
    clock = Clock(lambda: sum(passed), passed.append)
    machine = Machine(clock, NOVEMBER, "1.2.3", str(tmp_path / "kubeconfig"))
    flags = {"prometheus.url": REFUSED, "reports.directory": "out", "store.record": True, "store.waitLock": "5m"}
    with (
        DirectoryStore("reports/store").lock("another"),
        pytest.raises(DeliveryFailed, match="reports/store: another"),
    ):
        run(monthly_run(concluding()), load("", {}, flags), machine)
    assert sum(passed) == 300


def test_a_run_of_some_checks_cannot_be_recorded(do: Run) -> None:
    with pytest.raises(ConfigError, match="--record needs all checks"):
        do(concluding(), {"store.record": True, "checks": "accuracy/*"})


def test_entries_older_than_the_setting_are_dropped(do: Run) -> None:
    old = datetime(2023, 9, 30, tzinfo=UTC)
    period = replace(OCTOBER, label="2023-08")
    machine = Machine(Clock(lambda: 0.0, lambda _: None), old, "1")
    flags = {"store.record": True, "store.kind": "directory", "prometheus.url": REFUSED}
    run(monthly_run(concluding(), period), load("", {}, flags), machine)
    do(concluding(), {**RECORDED, "store.keep.ledger": 38})
    assert len(entries(DirectoryStore("reports/store"))) == 2

    do(concluding(), RECORDED)
    assert [entry.period for entry in entries(DirectoryStore("reports/store"))] == ["2026-10"]
