"""Reading many samples: in pieces, each sample once, with rests, and in smaller pieces where a server refuses."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.reading import PIECE, Reader
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import DAY, HOUR, MINUTE
from maintainer.model.clock import Clock
from tests.servers.scripted import Says, Scripted, says, success

START = 20_000 * DAY


def matrix(*series: tuple[dict[str, str], list[tuple[int, object]]]) -> Says:
    result = [
        {"metric": labels, "values": [[at / 1000, str(value)] for at, value in points]} for labels, points in series
    ]
    return success({"resultType": "matrix", "result": result})


REFUSED = says({"status": "error", "errorType": "execution", "error": "too many samples"}, 422)
NOTHING = matrix()


@contextmanager
def reader(server: Scripted, copies: tuple[str, ...] = ()) -> Iterator[tuple[Reader, list[float]]]:
    rests: list[float] = []
    clock = iter(range(10_000))
    with closing(Prometheus(Endpoint(server.url))) as prometheus:
        yield Reader(prometheus, Clock(lambda: float(next(clock)), rests.append), copies), rests


def spans(server: Scripted) -> list[tuple[int, int]]:
    """The first and the last moment of what was asked for, in milliseconds after the start."""
    asked = [request.form for request in server.asked]
    ends = [round(float(form["time"]) * 1000) for form in asked]
    lengths = [int(form["query"].rpartition("[")[2].removesuffix("ms]")) for form in asked]
    return [(end - length + 1 - START, end - START) for end, length in zip(ends, lengths, strict=True)]


def test_a_day_is_read_in_as_many_requests_as_its_samples_need() -> None:
    with Scripted(NOTHING) as server, reader(server) as (own, rests):
        own.raw("ALERTS", START, START + DAY, samples=2 * PIECE + 1)
    third = DAY // 3
    assert spans(server) == [(0, third - 1), (third, 2 * third - 1), (2 * third, DAY - 1)]
    assert rests == [1.0, 1.0, 1.0]


def test_a_series_in_several_pieces_is_one_and_has_each_sample_once() -> None:
    own = {"__name__": "ALERTS", "alertname": "A"}
    first = matrix((own, [(START - 1, 1), (START, 1), (START + MINUTE, 1)]))
    second = matrix((own, [(START + MINUTE, 1), (START + 2 * MINUTE, 1)]))
    with Scripted(first, second) as server, reader(server) as (reading, _):
        (series,) = reading.raw("ALERTS", START, START + DAY, samples=PIECE + 1)
    assert list(series.times) == [START, START + MINUTE, START + 2 * MINUTE]
    assert dict(series.labels) == own


def test_copies_of_a_series_in_replicas_are_one() -> None:
    both = matrix(
        ({"alertname": "A", "replica": "a"}, [(START, 1), (START + 2 * MINUTE, 1)]),
        ({"alertname": "A", "replica": "b"}, [(START, 1), (START + MINUTE, 1)]),
    )
    with Scripted(both) as server, reader(server, ("replica",)) as (reading, _):
        (series,) = reading.raw("ALERTS", START, START + DAY, samples=1)
    assert list(series.times) == [START, START + MINUTE, START + 2 * MINUTE]


def test_a_piece_that_is_refused_as_too_large_is_read_in_halves() -> None:
    with Scripted(REFUSED, NOTHING, NOTHING) as server, reader(server) as (reading, rests):
        reading.raw("ALERTS", START, START + DAY, samples=1)
    assert spans(server) == [(0, DAY - 1), (0, DAY // 2 - 1), (DAY // 2, DAY - 1)]
    assert len(rests) == 3


def test_an_hour_that_is_refused_is_given_up() -> None:
    with (
        Scripted(REFUSED) as server,
        reader(server) as (reading, _),
        pytest.raises(SourceUnavailable, match="too many samples"),
    ):
        reading.raw("ALERTS", START, START + DAY, samples=1)
    assert len(server.asked) == 5  # a day, and its first half four times


def test_a_piece_that_takes_too_long_is_divided_less_often() -> None:
    slow = says({"status": "error", "errorType": "timeout", "error": "query timed out"}, 503)
    with Scripted(slow) as server, reader(server) as (reading, _), pytest.raises(SourceUnavailable, match="timed out"):
        reading.raw("ALERTS", START, START + DAY, samples=1)
    assert [end - start + 1 for start, end in spans(server)] == [DAY, DAY // 2, DAY // 4]


def test_a_query_that_is_wrong_is_not_divided() -> None:
    wrong = says({"status": "error", "errorType": "bad_data", "error": "parse error"}, 400)
    with Scripted(wrong) as server, reader(server) as (reading, _), pytest.raises(SourceUnavailable):
        reading.raw("ALERTS", START, START + DAY, samples=1)
    assert len(server.asked) == 1


def test_a_grid_has_each_of_its_times_once_also_in_pieces() -> None:
    with Scripted(NOTHING) as server, reader(server) as (reading, _):
        reading.grid("up", START, START + DAY, step=5 * MINUTE, samples=PIECE + 1)
    asked = [
        tuple(round(float(request.form[name]) * 1000) - START for name in ("start", "end")) for request in server.asked
    ]
    assert asked == [(0, DAY // 2 - 5 * MINUTE), (DAY // 2, DAY - 5 * MINUTE)]
    assert {request.form["step"] for request in server.asked} == {"300.0"}


def test_a_sample_that_is_no_number_is_left_out() -> None:
    stale = matrix(({"alertname": "A"}, [(START, 1), (START + MINUTE, "NaN"), (START + HOUR, 1)]))
    with Scripted(stale) as server, reader(server) as (reading, _):
        (series,) = reading.raw("ALERTS", START, START + DAY, samples=1)
    assert list(series.times) == [START, START + HOUR]
