"""A daily sample of a small world: what it keeps, and that what it cannot look at is never a good day."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from maintainer.deliver.written_to import Notes
from maintainer.errors import SourceUnavailable
from maintainer.faults import Faults
from maintainer.model.ledger import ArchiveLine
from maintainer.render.terminal import terminal
from maintainer.reporting import Remembered, Shared, concluded
from maintainer.runner import Outcome
from maintainer.sandbox.exporter import Distortion
from maintainer.sandbox.fleet import synthetic
from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_workspace import TOKEN
from maintainer.sandbox.world import World
from maintainer.schedule import run_by_hand
from tests.scenarios.sampling import both, gaps, kept, machine_of, sections, settings_of, taken
from tests.scenarios.small_worlds import HURRY, ROLLOUTS, eventually, having

KEY = ROLLOUTS[0].key
DAY = timedelta(days=1)


@pytest.fixture
def honest(healthy: World) -> Iterator[World]:
    """The healthy world, which shows the truth again after the test."""
    yield healthy
    for pod in healthy.controllers:
        pod.distortion, pod.down = Distortion(), ""
    eventually(healthy, 'sum(up{job="argo-rollouts"})', 2)


def sampled(
    world: World, folder: Path, now: datetime | None = None, *, hurry: float = 1.0
) -> tuple[Outcome, dict[str, Any]]:
    """The outcome of a sample, and what was kept of it."""
    now = now or datetime.now(UTC)
    outcome = taken(world, settings_of(world, folder), now, hurry=hurry)
    return outcome, dict(kept(folder, now)[-1])


def test_where_all_agrees_one_bracket_is_enough(honest: World, tmp_path: Path) -> None:
    outcome, data = sampled(honest, tmp_path)

    assert (data["compared"], data["agreeing"], data["differing"], data["not_checked"]) == (8, 8, [], [])
    assert (data["up"], data["down"]) == (2, 0)
    (storage,) = kept(tmp_path, datetime.now(UTC), "storage")
    assert "size" in storage
    assert outcome.report.figures["brackets"] == 1
    assert (outcome.texts, outcome.files, outcome.exit_code) == ({}, (), 0)
    said = terminal(outcome.document, outcome.catalogue, width=100, colour=False)
    assert "8 Rollouts compared, 0 moving, 0 undecided. All checks of the daily sample ran." in " ".join(said.split())


def test_a_difference_counts_once_a_second_bracket_shows_it(honest: World, tmp_path: Path) -> None:
    honest.controllers[0].distortion = Distortion(phases={KEY: "Progressing"})

    outcome, data = sampled(honest, tmp_path)

    (found,) = data["differing"]
    assert (found["check"], found["cause"]) == ("accuracy/phase", "drift")
    assert found["subjects"] == {"count": 1, "first": [f"Rollout/{'/'.join(KEY)}"]}
    assert outcome.report.figures["brackets"] == 2
    assert [finding.check for finding in outcome.report.findings] == ["accuracy/phase"]


def test_a_controller_that_cannot_be_scraped_is_no_good_day(honest: World, tmp_path: Path) -> None:
    for pod in honest.controllers:
        pod.down = "error"
    eventually(honest, 'sum(up{job="argo-rollouts"})', 0)

    outcome, data = sampled(honest, tmp_path, hurry=HURRY)

    assert (data["compared"], data["up"], data["down"]) == (0, 0, 2)
    assert "accuracy/phase" in data["not_checked"]
    assert "accuracy/phase" in {check for check, _ in gaps(outcome.report)}


def test_a_prometheus_that_does_not_answer_is_no_good_day(healthy: World, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    settings = settings_of(healthy, tmp_path, prometheus_url="http://127.0.0.1:9")

    taken(healthy, settings, now)

    (data,) = kept(tmp_path, now)
    assert (data["compared"], data["lacking"], data["silent"]) == (0, ["prometheus"], [])
    assert "accuracy/phase" in data["not_checked"]


def test_before_its_rollouts_were_made_nothing_was_to_be_scraped(honest: World, tmp_path: Path) -> None:
    _, first = sampled(honest, tmp_path, datetime.now(UTC) - DAY)
    _, second = sampled(honest, tmp_path)

    assert first["looked"]["start"] == first["looked"]["end"]
    assert (second["looked"], second["silent"]) == (None, [])


def test_a_sample_and_the_audit_after_it_share_what_was_observed(honest: World, tmp_path: Path) -> None:
    first, second = both(honest, settings_of(honest, tmp_path), datetime.now(UTC))

    assert first.report.figures["brackets"] == second.report.figures["brackets"] == 1
    (calendar,) = sections(second, "calendar")
    assert calendar["days"][-1]["label"] == "Agreed"


@contextmanager
def written_all_the_time(world: World, key: tuple[str, str]) -> Iterator[None]:
    """The Rollout gets a new resourceVersion more often than it is listed."""
    item, over = world.store.get("rollouts", key), Event()
    assert item

    def write() -> None:
        while not over.wait(0.01):
            world.store.put("rollouts", item)

    writer = Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def test_a_sample_counts_what_moves_and_the_audit_after_it_looks_again(honest: World, tmp_path: Path) -> None:
    now, many = datetime.now(UTC), synthetic(24)
    with having(honest, many), written_all_the_time(honest, many[0].key):
        first, second = both(honest, settings_of(honest, tmp_path), now)

    (data,) = kept(tmp_path, now)
    assert (data["compared"], data["moving"], data["undecided"]["count"], data["not_checked"]) == (23, 1, 1, [])
    assert (first.report.figures["brackets"], second.report.figures["brackets"]) == (1, 3)


def test_a_difference_is_told_the_same_day_and_is_not_over_while_its_rollout_moves(
    honest: World, tmp_path: Path
) -> None:
    now, many = datetime.now(UTC), synthetic(24)
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    with Slack() as slack, having(honest, many):
        flags = {"slack_tokenFile": str(tmp_path / "token"), "slack_baseUrl": f"{slack.url}/api/"}
        settings = settings_of(honest, tmp_path, slack_post=True, slack_daily=["accuracy/phase"], **flags)

        def threads() -> list[int]:
            return [len(slack.replies(post.ts)) for post in slack.posts]

        honest.controllers[0].distortion = Distortion(phases={many[0].key: "Progressing"})
        assert taken(honest, settings, now).exit_code == 0
        assert threads() == [0]

        honest.controllers[0].distortion = Distortion()
        with written_all_the_time(honest, many[0].key):
            outcome = taken(honest, settings, now + DAY)
        assert (outcome.report.findings, outcome.report.figures["rollouts.moving"]) == ((), 1)
        assert threads() == [0]

        taken(honest, settings, now + 2 * DAY)
        assert threads() == [1]


def test_a_sample_looks_again_if_many_rollouts_move(honest: World, tmp_path: Path) -> None:
    with written_all_the_time(honest, KEY):
        outcome, data = sampled(honest, tmp_path)

    assert outcome.report.figures["brackets"] == 3
    assert "accuracy/phase" in data["not_checked"]


def test_an_archive_that_cannot_be_read_costs_the_calendar_only(healthy: World, tmp_path: Path) -> None:
    def broken(_kind: str, _since: datetime) -> tuple[ArchiveLine, ...]:
        raise SourceUnavailable("store-unreadable", place="here", detail="no")

    def unopened() -> Notes:
        raise SourceUnavailable("store-not-opened", permanent=True)

    settings, now, faults = settings_of(healthy, tmp_path), datetime.now(UTC), Faults()
    with closing(Shared(settings, machine_of(healthy, now), faults)) as shared:
        report, _ = concluded(run_by_hand("monthly", now, settings.schedule), shared, Remembered(broken, unopened))

    assert [section.title.id for section in report.sections if section.kind == "text"] == ["month/unread"]
    assert (report.gaps, faults.found) == ((), ())
