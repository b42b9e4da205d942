"""The episodes that are read of what a Prometheus has stored are those that it had."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from maintainer.model.alerts import SECOND, RawSeries
from maintainer.model.facts import labels
from maintainer.sandbox.programs import ask, find, free_port, new_folder, start, stop
from maintainer.sandbox.serving import HOST
from tests.analyse.alerts.promtool import ALERTS, asked
from tests.analyse.alerts.vectors import VECTORS, Vector
from tests.e2e.parts import found

pytestmark = pytest.mark.extended

HOUR = 3600


class Stored:
    """A Prometheus with what promtool made of each vector, from ``began`` on."""

    def __init__(self, url: str, began: int, *, newer: bool) -> None:
        self.url, self.began, self.newer = url, began, newer

    def series(self, vector: Vector) -> list[RawSeries]:
        """The series of a vector, with times since the beginning."""
        query = f'{{__name__=~"ALERTS|ALERTS_FOR_STATE",vector="{vector.name}"}}[{HOUR}s]'
        answer: Any = ask(f"{self.url}/api/v1/query", query=query, time=f"{self.began + HOUR - 1}").json()
        return [
            RawSeries(
                labels(series["metric"]),
                [round(at * SECOND) - self.began * SECOND for at, _ in series["values"]],
                [
                    float(value) - self.began * (series["metric"]["__name__"] != "ALERTS")
                    for _, value in series["values"]
                ],
            )
            for series in answer["data"]["result"]
        ]


@pytest.fixture(scope="module", params=["2.42", "3.9.1"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    newer = request.param == "3.9.1"
    server, promtool = (
        (str(found("prometheus")), str(found("promtool"))) if newer else find(["prometheus"], ["promtool"])
    )
    began, folder, port = (round(time.time()) // HOUR - 3) * HOUR, new_folder(), free_port()
    kept = tmp_path_factory.mktemp("kept")
    text = openmetrics([(vector, asked(vector.trial, [ALERTS], kept, promtool)[ALERTS]) for vector in VECTORS], began)
    (kept / "past.om").write_text(text)
    make = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(kept / "past.om"), str(kept / "data")]
    subprocess.run(make, check=True, timeout=120)
    (folder / "prometheus.yml").write_text("{}")
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={kept}/data", "--log.level=warn"]
    command = [server, *options, f"--web.listen-address={HOST}:{port}"]
    running = start("Prometheus", command, folder=folder, port=port)
    try:
        running.wait()
        yield Stored(running.url, began, newer=newer)
    finally:
        stop([running])


def openmetrics(made: Sequence[tuple[Vector, Sequence[RawSeries]]], began: int) -> str:
    """The text from which promtool makes blocks."""
    lines = []
    for vector, series in made:
        for one in series:
            names = dict(one.labels)
            shift = began if names["__name__"] == "ALERTS_FOR_STATE" else 0
            own = ",".join(f'{name}="{value}"' for name, value in names.items() if name != "__name__")
            selector = f'{names["__name__"]}{{{own},vector="{vector.name}"}}'
            samples = zip(one.times, one.values, strict=True)
            lines += [f"{selector} {value + shift!r} {began + at // SECOND}" for at, value in samples]
    return "\n".join([*lines, "# EOF", ""])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_episodes_are_read_as_they_were_stored(stored: Stored, vector: Vector) -> None:
    expected = {**vector.expected, **(vector.newer if stored.newer else {})}
    assert vector.episodes(stored.series(vector)) == expected
