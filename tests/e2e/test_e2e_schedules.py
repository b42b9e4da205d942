"""Our schedules against robfig/cron, which decides in Kubernetes when a CronJob fires."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from maintainer.settings_jobs import ScheduleSettings
from maintainer.triggers import schedule_problem
from tests.e2e.parts import PARTS, found
from tests.settings.schedules import fires, written

ZONES = ("Asia/Seoul", "UTC", "America/New_York")
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
DEFAULTS = tuple(ScheduleSettings().model_dump(exclude={"time_zone"}).values())
CHANGING = ("30 2 * * *", "30 1 * * *", "*/20 1-3 * * *", "0 0 29 2 *", "59 23 31 * *", "0 6 * * sun,mon-wed")
"""Times that the clocks of New York leave out or repeat, days that some years or months lack, and weekdays."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A schedule in a zone, whose fires after one time and up to another are asked for."""

    schedule: str
    zone: str
    after: datetime = START
    until: datetime = END

    def ours(self) -> list[int]:
        """Our fires, in seconds since 1970."""
        return [int(fire.timestamp()) for fire in fires(self.schedule, self.zone, self.after, self.until)]


def kubernetes(questions: Iterable[Asked]) -> list[tuple[str, list[int]]]:
    """For each question the error of the parser, or "", and the fires, in seconds since 1970."""
    lines = [
        {
            "schedule": asked.schedule,
            "timeZone": asked.zone,
            "after": asked.after.isoformat(),
            "until": asked.until.isoformat(),
        }
        for asked in questions
    ]
    text = "\n".join(map(json.dumps, lines))
    ended = subprocess.run([found("cronjob-fires")], input=text, capture_output=True, text=True, check=True)
    return [(answer["error"], answer["fires"]) for answer in map(json.loads, ended.stdout.splitlines())]


def differing(questions: Iterable[Asked]) -> list[Asked]:
    """The questions to which Kubernetes has another answer than we."""
    asked = list(questions)
    answers = kubernetes(asked)
    assert len(answers) == len(asked)
    return [question for question, answer in zip(asked, answers, strict=True) if answer != ("", question.ours())]


def seldom(random: Random) -> str:
    """Any schedule with one minute and one hour, often one that a change of the clocks leaves out or repeats."""
    _, _, *days = written(random).text.split()
    return " ".join(
        [str(random.choice([0, 30, random.randrange(60)])), str(random.choice([1, 2, random.randrange(24)])), *days]
    )


def test_the_judge_is_the_version_of_this_kubernetes() -> None:
    version = next(part.version for part in PARTS if part.name == "robfig-cron")
    kubernetes_module = next(part.module for part in PARTS if part.name == "kubernetes")

    assert f"github.com/robfig/cron/v3 v{version} h1:" in (kubernetes_module / "go.sum").read_text()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("schedule", [*DEFAULTS, *CHANGING])
def test_the_default_schedules_and_hard_ones_fire_as_a_cronjob_for_3_years(schedule: str, zone: str) -> None:
    asked = Asked(schedule, zone)

    assert asked.ours()
    assert differing([asked]) == []


@pytest.mark.parametrize("zone", ZONES)
def test_100_other_schedules_in_each_zone_fire_as_a_cronjob_for_3_years(zone: str) -> None:
    random, schedules = Random(zone), set[str]()
    while len(schedules) < 100:
        schedules.add(seldom(random))

    assert differing(Asked(schedule, zone) for schedule in sorted(schedules)) == []


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07"])
def test_frequent_schedules_fire_as_a_cronjob_when_the_clocks_of_new_york_change(day: str) -> None:
    random = Random(day)
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    starts = [midnight + timedelta(minutes=random.randrange(-1000, 500)) for _ in range(60)]

    assert (
        differing(
            Asked(written(random).text, "America/New_York", start, midnight + timedelta(hours=30)) for start in starts
        )
        == []
    )


def test_the_daily_run_fires_as_a_cronjob_in_every_kind_of_zone() -> None:
    zones = ["Africa/Cairo", "America/Havana", "America/Santiago", "America/St_Johns", "Asia/Kathmandu", "Asia/Beirut",
             "Atlantic/Azores", "Europe/London", "Pacific/Chatham", "Pacific/Kiritimati"]  # fmt: skip

    assert differing(Asked("0 6 * * *", zone) for zone in zones) == []


def test_a_day_in_cairo_that_begins_at_one_has_its_morning_here_and_not_in_kubernetes() -> None:
    asked = Asked("0 9 24 4 *", "Africa/Cairo", until=START + timedelta(days=365))

    assert asked.ours() == [int(datetime(2026, 4, 24, 6, tzinfo=UTC).timestamp())]
    assert kubernetes([asked]) == [("", [])]


def test_what_is_taken_is_taken_by_kubernetes() -> None:
    texts = {changed(Random(seed)) for seed in range(20_000)}
    taken = sorted(text for text in texts if not schedule_problem(text))

    assert len(taken) > 2000
    assert {error for error, _ in kubernetes(Asked(text, "UTC", START, START) for text in taken)} == {""}


def changed(random: Random) -> str:
    """A schedule in which some characters were taken out, put in or repeated."""
    text = written(random).text
    for _ in range(random.randrange(4)):
        place = random.randrange(len(text))
        text = text[:place] + random.choice(["", *"0123456789*/-,? LW#@Mamonsu"]) + text[place + random.randrange(2) :]
    return text
