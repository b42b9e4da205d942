"""What the demo of a quarter says is so on a Prometheus with all of its days: what was archived, and each advice."""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
import yaml

from maintainer.analyse.alerts.rule_files import rule_file
from maintainer.analyse.alerts.runs import runs_of
from maintainer.analyse.alerts.wanted_days import SETTLED
from maintainer.commands.demo_archive import harvested_before
from maintainer.commands.demo_quarterly import Quarter, quarter_until
from maintainer.model.alert_archive import HarvestedDay, harvested_days, measured
from maintainer.model.alerts import HOUR, MINUTE, AlertRule
from maintainer.model.facts import Labels, labels
from maintainer.model.ledger import ArchiveLine
from maintainer.sandbox.alert_machine import RuleWorld, Simulated
from maintainer.sandbox.alert_past import EVALUATED_AFTER, add_evaluations
from maintainer.store.archive import append
from maintainer.store.directory import DirectoryStore
from tests.collect.alerts.backfilled import RULES_FILE, Past, prometheus_with
from tests.scenarios.harvests import harvested, lines
from tests.scenarios.test_demo_quarterly import Done, demos, noisy  # noqa: F401 - fixtures

pytestmark = pytest.mark.extended

ZONE = ZoneInfo("Asia/Seoul")
READ_AGAIN = (62, 75, 89)
"""A day with an abort by analysis, one on which Prometheus was restarted, and the last one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A quarter, and a Prometheus that has all of it."""

    quarter: Quarter
    url: str


@pytest.fixture(scope="module")
def stored() -> Iterator[Stored]:
    quarter = quarter_until(datetime.now(ZONE) - SETTLED, faults=True)
    samples = quarter.past.samples
    add_evaluations(samples, f"{RULES_FILE};argo-rollouts", quarter.story)
    with prometheus_with(Past(samples), rules=yaml.safe_load(quarter.text)) as running:
        yield Stored(quarter, running.url)


def test_what_the_demo_archives_of_a_day_is_what_a_harvest_reads_of_it(stored: Stored, tmp_path: Path) -> None:
    story, past = stored.quarter.story, stored.quarter.past
    rules = [replace(rule, file=RULES_FILE) for rule in stored.quarter.rules]
    days = [lines_of(day) for day in harvested_before(past, rules, story.midnights)]
    kept = [line for number, day in enumerate(days) for line in day if number not in READ_AGAIN]
    append(DirectoryStore(str(tmp_path / "store")), kept, story.midnights[-1], keep=15)

    harvested(stored.url, tmp_path, **{"schedule.timeZone": "Asia/Seoul"})

    read, made = harvested_days(lines(tmp_path)), harvested_days(line for day in days for line in day)
    assert len(read) == len(made)
    for number in READ_AGAIN:
        assert compared(read[number]) == compared(made[number])


def lines_of(day: HarvestedDay) -> list[ArchiveLine]:
    return [ArchiveLine("production", one.kind, one.at, one.data) for one in measured(day)]


def compared(day: HarvestedDay) -> HarvestedDay:
    """The day without the path of the rules, and without the replays, of which only the newest day has all."""
    return replace(day, rules=tuple(replace(rule, file="") for rule in day.rules), agreement=())


def test_each_change_removes_exactly_the_alerts_that_the_advice_says(
    stored: Stored,
    noisy: Done,  # noqa: F811 - a fixture
    tmp_path: Path,
) -> None:
    advice = [finding for finding in noisy.report["findings"] if finding["check"] == "alert/tuning"]

    assert len(advice) == 3
    for finding in advice:
        (subject,) = finding["subjects"]
        (change,) = noisy.folder.glob(f"*-{subject['name']}-{finding['reproduce'].split('-')[-1].split('.')[0]}.patch")
        rules = tmp_path / "alert-rules.yml"
        rules.write_text(stored.quarter.text)
        fired = [_fired(stored, _rule(rules, subject["name"]))]
        subprocess.run([f"{shutil.which('patch')}", str(rules), str(change)], check=True, capture_output=True)
        fired.append(_fired(stored, _rule(rules, subject["name"])))

        assert fired == finding["evidence"]["fired"], subject["name"]


def _rule(file: Path, name: str) -> AlertRule:
    (rule,) = (rule for rule in rule_file(file.read_text(), file.name).rules if rule.name == name)
    return rule


def _fired(stored: Stored, rule: AlertRule) -> int:
    """How often a rule would have fired in the quarter, by the real Prometheus and the state machine of alerts."""
    count = 0
    for times in _true(stored, rule.expr).values():
        for run in runs_of(times, MINUTE):
            length = (run.last - run.first) // MINUTE + 1
            world = RuleWorld(length + 5, frozenset(range(length)))
            count += bool(Simulated(world, rule, run.first).run().firing)
    return count


def _true(stored: Stored, expr: str) -> Mapping[Labels, list[int]]:
    """When an expression was true in the quarter, for each result."""
    first, end = (round(stored.quarter.story.midnights[place].timestamp()) for place in (0, -1))
    found: dict[Labels, list[int]] = defaultdict(list)
    piece = 100 * HOUR // 1000
    for start in range(first + EVALUATED_AFTER // 1000, end, piece):
        asked = {"query": expr, "start": start, "end": min(start + piece, end) - 60, "step": 60}
        answer = requests.post(f"{stored.url}/api/v1/query_range", data=asked, timeout=60).json()
        for series in answer["data"]["result"]:
            own = labels({name: value for name, value in series["metric"].items() if name != "__name__"})
            found[own] += [round(at) * 1000 for at, _ in series["values"]]
    return found
