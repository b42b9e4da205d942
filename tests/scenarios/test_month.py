"""30 days with a daily sample of each, and the monthly audit after them: what came and went is in its report."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maintainer.analyse.accuracy.samples import KIND, as_data
from maintainer.commands.demo_month import Days, days_before, live_through
from maintainer.model.ledger import ArchiveLine
from maintainer.runner import Outcome
from maintainer.sandbox.fleet import read_fleet
from maintainer.sandbox.world import Plan, World
from maintainer.settings import Settings
from maintainer.store.archive import append
from maintainer.store.directory import DirectoryStore
from tests.analyse.accuracy.sampled import sample
from tests.render.valid import valid_json
from tests.scenarios.demos import COMMAND
from tests.scenarios.front import Front
from tests.scenarios.sampling import audited, kept, machine_of, sections, settings_of, taken
from tests.scenarios.small_worlds import INTERVAL, ROLLOUTS
from tests.servers.victoria import Victoria

pytestmark = pytest.mark.extended

SEOUL = ZoneInfo("Asia/Seoul")
WRONG = ROLLOUTS[0].key
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lived:
    """A world after the days, with its store in a folder."""

    world: World
    days: Days
    settings: Settings
    folder: Path

    def audit(self, settings: Settings | None = None) -> Outcome:
        return audited(self.world, settings or self.settings, datetime.now(SEOUL), self.days.past.start)

    def at(self, day: int, hour: int = 6) -> str:
        """A time on a day by its number, as the report writes it."""
        return f"{self.days.samples[day - 1].replace(hour=hour):%Y-%m-%d %H:%M}"


@contextmanager
def lived(folder: Path, *, faults: bool) -> Iterator[Lived]:
    now = datetime.now(SEOUL)
    days = days_before(now, faults=faults, wrong=WRONG)
    fleet = replace(read_fleet().healthy(), rollouts=ROLLOUTS)
    plan = Plan(fleet=fleet, scrape_interval=INTERVAL, history=timedelta(hours=2), past=days.past)
    with World.start(plan) as world:
        settings = settings_of(world, folder)
        live_through(days, world, settings, machine_of(world, now))
        yield Lived(world, days, settings, folder)


@pytest.fixture(scope="module", autouse=True)
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """The demo of a month, which runs beside the other tests: most of the time it waits for scrapes."""
    words = ("demo", "monthly", "--month", "--format", "json", "--output", str(tmp_path_factory.mktemp("demo")))
    with subprocess.Popen(
        [COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        yield running
        running.kill()


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with lived(tmp_path_factory.mktemp("eventful"), faults=True) as made:
        yield made


@pytest.fixture(scope="module")
def report(eventful: Lived) -> Outcome:
    return eventful.audit()


EVENTS = "Differences and missing scrapes during these days"


def rows(outcome: Outcome) -> list[list[str]]:
    """What came and went."""
    (table,) = (section for section in sections(outcome, "table") if section["title"] == EVENTS)
    return [list(row) for row in table["rows"]]


def test_the_verdict_is_about_the_present_and_the_summary_tells_what_is_over(report: Outcome) -> None:
    assert (report.report.verdict, report.report.findings, report.report.gaps) == ("ok", (), ())
    (text,) = (text for name, text in report.texts.items() if name.endswith(".md"))
    assert "In the days before: 1 difference appeared and is over, no scrapes for 5 hours." in text


def test_a_wrong_phase_that_came_and_went_is_told_with_its_times(report: Outcome, eventful: Lived) -> None:
    assert rows(report)[0] == [
        "Wrong phase",
        "/".join(WRONG),
        f"between {eventful.at(8)} and {eventful.at(9)}",
        f"between {eventful.at(12)} and {eventful.at(13)}",
    ]


def test_a_stretch_without_scrapes_is_told_with_its_times(report: Outcome, eventful: Lived) -> None:
    what, where, began, ended = rows(report)[1]
    assert (what, where) == ("No scrapes", "the controller, for 5 h")
    for told, true in ((began, eventful.at(17, 13)), (ended, eventful.at(17, 18))):
        assert abs(datetime.fromisoformat(told) - datetime.fromisoformat(true)) <= 2 * A_MINUTE
    assert len(rows(report)) == 2


def test_the_calendar_has_a_state_for_each_day(report: Outcome) -> None:
    (calendar,) = sections(report, "calendar")
    labels = {number: day["label"] for number, day in enumerate(calendar["days"], 1) if day["label"] != "Agreed"}
    assert labels == {**dict.fromkeys((9, 10, 11, 12), "Differed"), 17: "No scrapes"}
    assert len(calendar["days"]) == 31
    assert [day["note"] for day in calendar["days"] if day["note"]] == ["5 h"]


def test_samples_of_another_cluster_are_not_told(report: Outcome, eventful: Lived) -> None:
    at = eventful.days.samples[19]
    other = ArchiveLine("other", KIND, at + A_MINUTE, as_data(sample(at, "Rollout/other/one")))
    append(DirectoryStore(str(eventful.folder / "store")), [other], at, keep=15)

    assert rows(eventful.audit()) == rows(report)


def test_what_the_settings_accept_is_not_told(eventful: Lived) -> None:
    accepted = [{"check": "accuracy/phase", "subject": f"Rollout/{'/'.join(WRONG)}", "reason": "known"}]
    assert [row[0] for row in rows(eventful.audit(settings_of(eventful.world, eventful.folder, accept=accepted)))] == [
        "No scrapes"
    ]


def test_the_audit_adds_nothing_to_the_samples(report: Outcome, eventful: Lived) -> None:
    assert report.report.verdict == "ok"
    assert len([data for data in kept(eventful.folder, datetime.now(SEOUL)) if data["compared"] != 100]) == 30


def test_a_sample_from_an_engine_to_which_samples_come_late_sees_the_same(eventful: Lived, tmp_path: Path) -> None:
    world, (before, after) = eventful.world, eventful.days.samples[16:18]
    with Front(world.prometheus, Victoria(world.prometheus)) as front:
        settings = settings_of(world, tmp_path, prometheus_url=front.url)
        for at in (before, after):
            taken(world, settings, at)

    first, second = kept(tmp_path, after)
    assert (first["agreeing"], second["agreeing"], first["silent"]) == (len(ROLLOUTS), len(ROLLOUTS), [])
    (silent,) = second["silent"]
    assert abs(datetime.fromisoformat(silent["start"]) - before.replace(hour=13)) <= 2 * A_MINUTE
    assert abs(datetime.fromisoformat(silent["end"]) - before.replace(hour=18)) <= 2 * A_MINUTE


def test_a_month_in_which_nothing_happened_has_a_calendar_alone(tmp_path: Path) -> None:
    with lived(tmp_path, faults=False) as quiet:
        outcome = quiet.audit()

    (calendar,) = sections(outcome, "calendar")
    assert {day["label"] for day in calendar["days"]} == {"Agreed"}
    assert calendar["lead"] == ["On 31 of 31 days, everything that was compared agreed."]
    assert not [section for section in sections(outcome, "table") if section["title"] == EVENTS]
    assert "In the days before" not in str(outcome.texts)


def test_the_demo_lives_through_a_month(demo: "subprocess.Popen[str]") -> None:
    out, err = demo.communicate(timeout=300)

    assert demo.returncode == 0, err
    (file,) = (Path(line) for line in out.splitlines() if line.endswith(".json"))
    told: Mapping[str, Any] = json.loads(valid_json(file.read_text("utf-8")))
    assert (told["verdict"], told["figures"]["days.differences-over"]) == ("ok", 1)
    assert told["figures"]["days.hours-without-scrapes"] == pytest.approx(5, abs=0.1)
    assert "1 difference appeared and is over, no scrapes for 5 hours" in " ".join(out.split())
