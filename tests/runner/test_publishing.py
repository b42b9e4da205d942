"""The metrics of runs: in a file for the node exporter, and in a Pushgateway."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.errors import ConfigError
from maintainer.model.clock import Clock
from maintainer.reporting import Job, Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.settings import load
from tests.runner.test_due import FOUND, Days, days, harvest, monthly
from tests.runner.test_run import REFUSED, concluding, monthly_run
from tests.runner.test_schedule import seoul
from tests.servers.pushgateway import Gateway, pushgateway

__all__ = ["days"]

DAY = "2026-11-27 10:00"
FOUND_ONE = "maintainer_findings{check=pipeline/reload,cluster=sandbox,job=monthly,severity=error}"
Run = Callable[..., Outcome]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with pushgateway() as running:
        yield running


@pytest.fixture
def by_hand(tmp_path: Path) -> Run:
    """Runs a job alone; ``flags`` are settings by their dotted keys."""
    (tmp_path / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")

    def call(job: Job, flags: dict[str, Any]) -> Outcome:
        clock, secrets = Clock(lambda: 0.0, lambda _seconds: None), KnownSecrets()
        machine = Machine(clock, seoul(DAY), "1.2.3", str(tmp_path / "kubeconfig"), secrets=secrets)
        usual = {
            "prometheus.url": REFUSED,
            "reports.directory": str(tmp_path / "out"),
            "store.kind": "directory",
            "store.path": str(tmp_path / "store"),
        }
        return run(monthly_run(job), load("", {}, usual | flags), machine)

    return call


def in_file(path: Path) -> dict[tuple[str, ...], float]:
    """The series of a textfile by name, job and cluster."""
    return {
        (one.name.removeprefix("maintainer_"), one.labels["job"], one.labels["cluster"]): one.value
        for family in text_string_to_metric_families(path.read_text("utf-8"))
        for one in family.samples
    }


def test_nothing_is_handed_on_by_default(by_hand: Run, tmp_path: Path) -> None:
    outcome = by_hand(concluding(FOUND), {})

    assert (outcome.exit_code, outcome.unpublished) == (0, ())
    assert list(tmp_path.rglob("*.prom")) == []


@pytest.mark.parametrize("record", [True, False])
def test_a_run_by_hand_writes_and_pushes_its_metrics(
    by_hand: Run, tmp_path: Path, gateway: Gateway, *, record: bool
) -> None:
    file = tmp_path / "maintainer.prom"
    flags = {"metrics.textfile": str(file), "metrics.pushgateway": gateway.url, "store.record": record}
    outcome = by_hand(concluding(FOUND), flags)

    assert (outcome.exit_code, outcome.unpublished) == (0, ())
    assert in_file(file) == {
        ("last_success_timestamp_seconds", "monthly", "sandbox"): seoul(DAY).timestamp(),
        ("findings", "monthly", "sandbox"): 1,
        ("gaps", "monthly", "sandbox"): 0,
        ("run_duration_seconds", "monthly", "sandbox"): 0,
    }
    assert gateway.series[FOUND_ONE] == 1
    assert len(gateway.series) == 4


def test_what_is_resolved_is_no_longer_there(by_hand: Run, gateway: Gateway) -> None:
    flags = {"metrics.pushgateway": gateway.url, "store.record": True}
    by_hand(concluding(FOUND), flags)
    by_hand(concluding(), flags)

    assert FOUND_ONE not in gateway.series


def test_a_run_of_some_checks_hands_nothing_on(by_hand: Run, gateway: Gateway) -> None:
    by_hand(concluding(FOUND), {"metrics.pushgateway": gateway.url, "checks": "pipeline/*"})

    assert gateway.asked == []


def test_each_job_has_a_group_of_its_own(days: Days, gateway: Gateway) -> None:
    file = days.folder / "maintainer.prom"
    jobs = harvest(concluding()), monthly(concluding(FOUND))
    ran = days.run(DAY, *jobs, metrics_pushgateway=gateway.url, metrics_textfile=str(file))

    assert (ran.exit_code, ran.undelivered) == (0, ())
    assert gateway.groups.keys() == {
        frozenset({("job", job), ("cluster", "sandbox")}) for job in ("harvest", "monthly")
    }
    assert {job for _, job, _ in in_file(file)} == {"harvest", "monthly"}


def test_a_retry_is_not_green_before_the_metrics_are_pushed(days: Days, gateway: Gateway) -> None:
    failed = days.run(DAY, monthly(concluding(FOUND)), metrics_pushgateway=REFUSED)
    (why,) = failed.undelivered
    assert failed.exit_code == 4
    assert str(why) == (
        f"the metrics of the run were not delivered: the Pushgateway at {REFUSED} cannot be reached "
        "([Errno 111] Connection refused); check metrics.pushgateway"
    )
    assert list((days.folder / "out").glob("monthly-*.json"))

    done = days.run("2026-11-27 10:05", monthly(concluding(FOUND)), metrics_pushgateway=gateway.url)
    assert (done.due, done.exit_code, gateway.series[FOUND_ONE]) == ((), 0, 1)


def test_a_failure_by_hand_is_exit_code_4_and_the_report_is_saved(by_hand: Run, tmp_path: Path) -> None:
    outcome = by_hand(concluding(FOUND), {"metrics.textfile": str(tmp_path / "missing" / "m.prom")})

    assert outcome.exit_code == 4
    assert [path.is_file() for path in outcome.files] == [True] * 3
    assert [str(one) for one in outcome.unpublished] == [
        f"the metrics of the run were not delivered: cannot write the file {tmp_path}/missing/m.prom of "
        "metrics.textfile (No such file or directory)"
    ]


def test_a_fault_of_the_program_outweighs_metrics_that_are_not_delivered(by_hand: Run) -> None:
    def failing(*_: object) -> Any:
        raise ZeroDivisionError

    assert by_hand(failing, {"metrics.pushgateway": REFUSED}).exit_code == 70


def test_the_password_is_read_from_a_file_and_is_in_no_error(by_hand: Run, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush-hush\n", "utf-8")
    login = {"metrics.basicAuth": {"username": "me", "passwordFile": str(tmp_path / "password")}}
    with pushgateway(("me", "hush-hush")) as gateway:
        assert by_hand(concluding(FOUND), login | {"metrics.pushgateway": gateway.url}).exit_code == 0
        assert gateway.series
    with pushgateway(("me", "another")) as gateway:
        (why,) = by_hand(concluding(FOUND), login | {"metrics.pushgateway": gateway.url}).unpublished
        assert str(why).endswith("refuses them (HTTP 401: Unauthorized); set metrics.basicAuth")
        assert "hush" not in str(why)


def test_a_password_that_cannot_be_read_is_said_before_the_run(by_hand: Run, tmp_path: Path) -> None:
    login = {"username": "me", "passwordFile": str(tmp_path / "missing")}
    with pytest.raises(ConfigError, match="cannot read the secret file"):
        by_hand(concluding(), {"metrics.pushgateway": REFUSED, "metrics.basicAuth": login})

    assert not (tmp_path / "out").exists()
