"""Alerts over a start of Prometheus: what it records is read as one episode, and replayed as it was restored."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from maintainer.analyse.alerts.agreement import Replay, agreement
from maintainer.analyse.alerts.episodes import ReadSamples, episodes
from maintainer.analyse.alerts.heartbeats import learned_phase
from maintainer.analyse.alerts.presences import evaluations, recorded_presences
from maintainer.analyse.alerts.replay import replayed_episodes
from maintainer.analyse.alerts.runs import runs_of
from maintainer.model.alerts import MINUTE, SECOND, AlertRule, Heartbeat, RawSeries
from maintainer.model.facts import labels
from maintainer.sandbox.programs import Program, ask, find, free_port, new_folder, start, stop
from maintainer.sandbox.serving import HOST
from tests.e2e.parts import found

pytestmark = pytest.mark.extended

GRACE = 5
BEFORE, AWAY, AFTER = 14, 4, 16
"""Seconds that Prometheus runs, is away, and runs again."""
HOLDS = {"Reset": 2, "Restored": 6}
"""The alert with a ``for`` below the grace period begins anew."""
RULES = [{"alert": name, "expr": "vector(1)", "for": f"{hold}s"} for name, hold in HOLDS.items()]
BEATS, STARTS = "prometheus_rule_group_last_evaluation_timestamp_seconds", "process_start_time_seconds"


@pytest.fixture(scope="module", params=["2.42", "3.9.1"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[RawSeries]]:
    """All series that a Prometheus wrote which was killed and started again, by name."""
    program = str(found("prometheus")) if request.param == "3.9.1" else find(["prometheus"])[0]
    with restarted(program, tmp_path_factory.mktemp("kept")) as running:
        answer: Any = ask(f"{running.url}/api/v1/query", query=f'{{__name__=~"ALERTS.*|{BEATS}|{STARTS}"}}[5m]').json()
    by_name: dict[str, list[RawSeries]] = {}
    for series in answer["data"]["result"]:
        times = [round(at * SECOND) for at, _ in series["values"]]
        values = [float(value) for _, value in series["values"]]
        by_name.setdefault(series["metric"]["__name__"], []).append(RawSeries(labels(series["metric"]), times, values))
    return by_name


@contextmanager
def restarted(program: str, folder: Path) -> Iterator[Program]:
    """A Prometheus that was away; what it keeps is in ``folder``."""
    port = free_port()
    own = {"job_name": "own", "static_configs": [{"targets": [f"{HOST}:{port}"]}]}
    timing = {"evaluation_interval": "1s", "scrape_interval": "1s"}
    config = {"global": timing, "rule_files": ["rules.yml"], "scrape_configs": [own]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": RULES}]}))
    command = [
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={HOST}:{port}",
        f"--rules.alert.for-grace-period={GRACE}s",
        "--log.level=warn",
    ]
    running = start("Prometheus", command, folder=new_folder(), port=port)
    try:
        running.wait()
        time.sleep(BEFORE)
        assert running.process.stdin
        running.process.stdin.close()
        running.process.wait()
        time.sleep(AWAY)
        running = start("Prometheus", command, folder=new_folder(), port=port)
        running.wait()
        time.sleep(AFTER)
        yield running
    finally:
        stop([running])


class Read:
    """What is read of one alert."""

    def __init__(self, recorded: Mapping[str, list[RawSeries]], name: str) -> None:
        own = [
            [one for one in recorded[of] if ("alertname", name) in one.labels] for of in ("ALERTS", "ALERTS_FOR_STATE")
        ]
        times = sorted(at for one in own[1] for at in one.times)
        beats = sorted(round(value * SECOND) for one in recorded[BEATS] for value in one.values if value > 0)
        starts = sorted({round(value * SECOND) for one in recorded[STARTS] for value in one.values})
        self.heartbeat = Heartbeat(runs_of(beats, SECOND), tuple(starts[1:]))
        phase = learned_phase(times, SECOND)
        self.rule = AlertRule(name, "g", "rules.yml", "vector(1)", HOLDS[name] * SECOND, 0, SECOND, phase=phase)
        self.start, self.end = times[0] - MINUTE, times[-1] + 1
        samples = ReadSamples(self.start, self.end, *own)
        self.episodes = episodes(self.rule, samples, self.heartbeat).episodes


def test_an_alert_that_a_start_reset_is_one_episode(recorded: Mapping[str, list[RawSeries]]) -> None:
    read = Read(recorded, "Reset")
    (episode,) = read.episodes
    assert len(read.heartbeat.starts) == len(episode.restarts) == 1
    assert episode.fired_at is not None
    assert episode.fired_at < read.heartbeat.starts[0] < episode.restarts[0]
    # Nothing is written of the first two evaluations.
    written = next(run.first for run in episode.runs if run.first > read.heartbeat.starts[0])
    assert written - episode.restarts[0] >= 2 * SECOND


def test_an_alert_that_prometheus_restored_has_one_active_at(recorded: Mapping[str, list[RawSeries]]) -> None:
    read = Read(recorded, "Restored")
    (episode,) = read.episodes
    assert not episode.restarts
    assert len(episode.runs) >= 2


def test_a_record_says_what_another_for_would_have_done_over_the_start(
    recorded: Mapping[str, list[RawSeries]],
) -> None:
    reset, restored = Read(recorded, "Reset"), Read(recorded, "Restored")
    known = evaluations(reset.rule, reset.heartbeat, end=reset.end, episodes=reset.episodes)
    replayed = replayed_episodes(
        restored.rule, recorded_presences(reset.rule, reset.episodes), replace(known, grace=GRACE * SECOND)
    )
    assert [found.restarts for found in replayed] == [()]
    compared = Replay(restored.rule, reset.start, reset.end, restored.episodes, replayed)
    assert agreement(compared, reset.heartbeat).alike == 1
