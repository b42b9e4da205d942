"""The silences of Alertmanager."""

from datetime import UTC, datetime

import pytest

from maintainer.collect.alerts.silences import silences
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.alerts import Silence
from tests.servers.scripted import Scripted, says

SOURCES = Sources(None, None)
ONE = {
    "id": "1",
    "status": {"state": "expired"},
    "createdBy": "kim",
    "comment": "planned",
    "startsAt": "2026-10-01T00:00:00.000Z",
    "endsAt": "2026-10-01T09:30:00.000+09:00",
    "matchers": [
        {"name": "name", "value": "web|api", "isRegex": True},
        {"name": "alertname", "value": "RolloutStuck", "isRegex": False, "isEqual": True},
        {"name": "severity", "value": "info", "isRegex": False, "isEqual": False},
        {"name": "team", "value": "a.*", "isRegex": True, "isEqual": False},
    ],
}


def test_a_silence_is_read_with_its_matchers_and_times() -> None:
    start = round(datetime(2026, 10, 1, tzinfo=UTC).timestamp() * 1000)
    with Scripted(says([ONE])) as server:
        found = silences(SOURCES, [server.url])

    matchers = (
        ("alertname", "=", "RolloutStuck"),
        ("name", "=~", "web|api"),
        ("severity", "!=", "info"),
        ("team", "!~", "a.*"),
    )
    assert found == (Silence(matchers, start, start + 30 * 60_000, "kim", "planned"),)
    assert server.asked[0].path == "/api/v2/silences"


def test_another_alertmanager_of_the_group_is_asked_where_the_first_does_not_answer() -> None:
    with Scripted(says({}, 404)) as lost, Scripted(says([])) as server:
        assert silences(SOURCES, [f"{lost.url}/lost", server.url]) == ()


def test_silences_that_cannot_be_read_are_not_none() -> None:
    with Scripted(says({}, 404)) as lost, pytest.raises(SourceUnavailable, match="web-status"):
        silences(SOURCES, [lost.url])
