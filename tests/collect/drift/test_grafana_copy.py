"""Grafana's own copies of the dashboards that were deployed, asked of a server that answers as Grafana does."""

import json
from contextlib import closing
from datetime import UTC, datetime
from socket import socket

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.web import Web
from maintainer.collect.drift.grafana_copy import dashboard_copies
from maintainer.collect.sources import Sources
from maintainer.model.drift import DashboardCopy
from maintainer.model.facts import Unavailable
from tests.analyse.drift.builders import config_map, desired
from tests.servers.grafana import BLIND, TOKEN, grafana

BOARD = {"uid": "rollouts", "title": "b", "panels": [{"id": 4, "title": "all"}]}
KEY = "board.json"


def copies(url: str, token: str = TOKEN, **values: object) -> tuple[tuple[DashboardCopy, ...], tuple[Unavailable, ...]]:
    holder = desired(config_map({name: json.dumps(value) for name, value in (values or {"a": BOARD}).items()}))
    endpoint = Endpoint(url, headers=lambda: {"Authorization": f"Bearer {token}"} if token else {})
    with closing(Web(endpoint, "Grafana")) as web:
        return dashboard_copies(Sources(None, None, grafana=web), (holder,))


def test_a_copy_is_read_with_who_saved_it_and_whether_it_is_of_a_file() -> None:
    with grafana(rollouts=BOARD) as server:
        server.meta |= {"provisioned": False, "updatedBy": "kim", "updated": "2026-11-29T03:00:00Z"}
        ((copy,), why) = copies(server.url)

    assert why == ()
    assert json.loads(copy.text or "") == {**BOARD, "id": 12, "version": 7}
    assert (copy.uid, copy.key, copy.author, copy.provisioned) == ("rollouts", "a", "kim", False)
    assert copy.time == datetime(2026, 11, 29, 3, tzinfo=UTC)
    assert copy.page == f"{server.url}/d/rollouts"


def test_a_dashboard_that_grafana_does_not_have_is_no_gap() -> None:
    with grafana() as server:
        ((copy,), why) = copies(server.url)

    assert (copy.uid, copy.text, why) == ("rollouts", None, ())


def test_a_token_that_is_refused_is_one_gap_however_many_dashboards_there_are() -> None:
    with grafana(rollouts=BOARD) as server:
        for token in ("", "expired", BLIND):
            found, (why,) = copies(server.url, token, a=BOARD, b={**BOARD, "uid": "other"})

            assert found == ()
            assert (why.source, why.reason.id, why.permanent) == ("grafana-copies", "gap/web-auth", True)


def test_a_grafana_that_is_not_there_is_a_gap() -> None:
    with socket() as unused:  # bound, and nothing listens
        unused.bind(("127.0.0.1", 0))
        found, (why,) = copies(f"http://127.0.0.1:{unused.getsockname()[1]}")

    assert (found, why.reason.id) == ((), "gap/web-connection")


def test_a_dashboard_without_a_uid_is_a_gap_and_costs_no_other() -> None:
    with grafana(rollouts=BOARD) as server:
        found, (why,) = copies(server.url, a={"panels": []}, b=BOARD, c={"no": "dashboard"})

    assert [copy.key for copy in found] == ["b"]
    assert (why.reason.id, why.reason.named["key"]) == ("gap/dashboard-no-uid", "a")


def test_without_a_grafana_nothing_is_asked() -> None:
    assert dashboard_copies(Sources(None, None), (desired(config_map({"a": json.dumps(BOARD)})),)) == ((), ())
