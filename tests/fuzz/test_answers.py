"""Whatever the servers of a healthy world answer, the monthly audit ends in a report, without a fault of ours."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.clock import Clock
from maintainer.reporting import Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.world import Plan, World
from maintainer.schedule import run_by_hand
from maintainer.settings import load
from tests.fuzz.effort import SLOW_FUZZ
from tests.fuzz.mutations import mutated_bytes, mutated_tree
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.small_worlds import INTERVAL, small

pytestmark = pytest.mark.extended

Key = tuple[str, ...]
"""A request: the server and what is asked of it, but for the time."""

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
WAITING = Clock(monotonic, sleep)
_TIMES = {"time", "start", "end", "timeout"}


def key_of(server: str, asked: Asked) -> Key:
    params = (f"{name}={value}" for name, value in sorted(asked.params.items()) if name not in _TIMES)
    return server, asked.method, urlsplit(asked.target).path, *params


@dataclass
class Recorded:
    """The answers of a run by request, in their order; ``changed`` are bodies that take the place of some of them."""

    answers: dict[Key, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[tuple[Key, int], bytes] = field(default_factory=dict)
    given: Counter[Key] = field(default_factory=Counter)
    urls: dict[str, str] = field(default_factory=dict)

    def record(self, server: str) -> Callable[[Asked, Callable[[], Answer]], Answer]:
        """Pass requests to the server on, and keep its answers, unpacked."""

        def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
            answer = forward()
            headers = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
            packed = answer.headers.get("Content-Encoding") == "gzip"
            whole = replace(answer, body=gzip.decompress(answer.body) if packed else answer.body, headers=headers)
            self.answers[key_of(server, asked)].append(whole)
            return whole

        return fault

    def replay(self, server: str) -> Callable[[Asked, Callable[[], Answer]], Answer]:
        """Give the kept answers again; the last one for a request that comes once more than in the run."""

        def fault(asked: Asked, _forward: Callable[[], Answer]) -> Answer:
            key = key_of(server, asked)
            if key not in self.answers:
                return Answer(404, b'{"status": "error", "errorType": "not_found", "error": "nobody asked for it"}')
            at = min(self.given[key], len(self.answers[key]) - 1)
            self.given[key] += 1
            answer = self.answers[key][at]
            return replace(answer, body=self.changed.get((key, at), answer.body))

        return fault

    @property
    def places(self) -> list[tuple[Key, int]]:
        """Each answer that is there."""
        return [(key, at) for key, answers in self.answers.items() for at in range(len(answers))]


def audit(urls: Mapping[str, str], clock: Clock | None = None) -> Outcome:
    """A monthly run in this process; without a clock it waits for nothing."""
    slept = [0.0]
    clock = clock or Clock(lambda: sum(slept), slept.append)
    with TemporaryDirectory() as folder:
        config = Path(folder, "kubeconfig")
        config.write_text(kubeconfig(urls["api"]), "utf-8")
        given_settings = {
            "prometheus.url": urls["prometheus"],
            "alertmanager.url": urls["alertmanager"],
            "reports.directory": f"{folder}/out",
        }
        settings = load("", {}, given_settings)
        return run(run_by_hand("monthly", NOW, settings.schedule), settings, Machine(clock, NOW, "1.2.3", str(config)))


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recorded]:
    """The answers of a small healthy world, whose servers are gone."""
    found = Recorded()
    with World.start(Plan(fleet=small(), scrape_interval=INTERVAL)) as world, ExitStack() as stack:
        upstream = {"api": world.api.url, "prometheus": world.prometheus, "alertmanager": world.alertmanager}
        fronts = {
            server: Front(url, found.record(server), authority=world.api.authority if server == "api" else "")
            for server, url in upstream.items()
        }
        outcome = audit({server: stack.enter_context(front).url for server, front in fronts.items()}, WAITING)
        assert (outcome.faults, outcome.report.findings, outcome.report.gaps) == ((), (), ())
    with ExitStack() as stack:
        found.urls = {server: stack.enter_context(Front("", found.replay(server))).url for server in upstream}
        yield found


def test_the_recorded_world_is_healthy_when_it_is_replayed(recorded: Recorded) -> None:
    recorded.changed, recorded.given = {}, Counter()
    report = audit(recorded.urls).report
    assert (report.findings, report.gaps) == ((), ())
    assert len(recorded.places) > 30


@SLOW_FUZZ
@given(st.data())
def test_hostile_answers_end_in_a_report_without_a_fault(recorded: Recorded, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(recorded.places), min_size=1, max_size=3, unique=True))
    recorded.changed = {place: data.draw(mutated(recorded.answers[place[0]][place[1]].body)) for place in places}
    recorded.given = Counter()
    outcome = audit(recorded.urls)
    assert outcome.faults == ()
    assert outcome.undelivered is None
    assert outcome.files


def mutated(body: bytes) -> st.SearchStrategy[bytes]:
    """The body of an answer with mutations of its bytes, or of its document."""
    try:
        tree: Any = json.loads(body)
    except ValueError:
        return mutated_bytes(body)
    texts = mutated_tree(tree).map(lambda other: json.dumps(other).encode("utf-8", "surrogatepass"))
    return st.one_of(texts, texts, mutated_bytes(body))
