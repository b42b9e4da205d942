"""Which pages Alertmanager sent, or would have sent."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maintainer.analyse.alerts.pages import Pages, estimated_pages, one_route, recorded_pages
from maintainer.model.alert_routing import Inhibition, Route, RouteNode, Routing, TimeInterval
from maintainer.model.alerts import HOUR, MINUTE, SECOND, Episode, Silence
from tests.analyse.alerts.histories import END, START, STUCK, at, episode, rule

ROUTE = Route(("alertname", "namespace"), 30 * SECOND, 5 * MINUTE, 4 * HOUR)
WHEN = at(10)
FIRED = WHEN + STUCK.hold


def pages(*episodes: Episode, route: Route = ROUTE, silences: tuple[Silence, ...] = ()) -> list[int]:
    """The times of the pages, in seconds after the first episode fired."""
    found = estimated_pages(episodes, one_route(route), silences, END)
    assert not found.recorded
    return [(page.at - FIRED) // SECOND for page in found.pages]


def test_an_alert_is_told_after_the_groups_wait() -> None:
    assert pages(episode(WHEN)) == [30]


def test_an_alert_that_resolves_within_the_wait_is_never_told() -> None:
    assert pages(episode(WHEN, minutes=0.5)) == []


def test_alerts_of_a_group_are_one_page() -> None:
    other = episode(WHEN, subject=("shop", "cart"))
    elsewhere = episode(WHEN, subject=("media", "web"))

    assert pages(episode(WHEN), other) == [30]
    assert pages(episode(WHEN), elsewhere) == [30, 30]


def test_an_alert_that_joins_its_group_is_told_at_the_next_interval() -> None:
    joined = episode(WHEN + MINUTE, subject=("shop", "cart"))

    assert pages(episode(WHEN), joined) == [30, 330]


def test_what_goes_on_is_told_again_after_the_repeat_interval() -> None:
    assert pages(episode(WHEN, minutes=9 * 60)) == [30, 4 * 3600 + 30, 8 * 3600 + 30]


def test_a_repeat_comes_with_a_flush_of_the_group() -> None:
    odd = replace(ROUTE, group_interval=7 * MINUTE)

    assert pages(episode(WHEN, minutes=5 * 60), route=odd) == [30, 30 + 35 * 7 * 60]


def test_an_alert_that_came_and_went_between_two_flushes_is_not_told() -> None:
    brief = episode(WHEN + MINUTE, subject=("shop", "cart"), minutes=2)

    assert pages(episode(WHEN, minutes=30), brief) == [30]


def test_an_alert_that_fires_again_is_a_new_page() -> None:
    assert pages(episode(WHEN, minutes=3), episode(WHEN + HOUR, minutes=3)) == [30, 3630]


def test_an_alert_that_never_resolves_is_told_to_the_end() -> None:
    endless = episode(END - 6 * HOUR, resolved_at=None, end="open")

    assert len(estimated_pages([endless], one_route(ROUTE), (), END).pages) == 2


def test_a_silenced_alert_is_no_page_until_the_silence_ends() -> None:
    silence = Silence((("alertname", "=~", "Rollout.*"),), START, FIRED + 20 * MINUTE, "kim", "window")

    assert pages(episode(WHEN, minutes=15), silences=(silence,)) == []
    assert pages(episode(WHEN, minutes=60), silences=(silence,)) == [20 * 60 + 30]


def notification(
    when: int, *alerts: Episode, resolved: bool = False, flush: str = "1", **changes: Any
) -> dict[str, Any]:
    """An event of Alertmanager's event recorder, which has the details of an alert in one of its lists only."""
    details = [
        {
            "hash": str(number),
            "details": {
                "name": alert.alert,
                "labels": {
                    "labels": [
                        {"key": key, "value": value}
                        for key, value in (*alert.labels, ("alertname", alert.alert), ("cluster", "prod"))
                    ]
                },
            },
        }
        for number, alert in enumerate(alerts, 1)
    ]
    hashes = [{"hash": one["hash"]} for one in details]
    told: dict[str, Any] = {"resolvedAlerts": hashes} if resolved else {"firingAlerts": hashes}
    return {
        "@timestamp": datetime.fromtimestamp(when / 1000, UTC).isoformat().replace("+00:00", "Z"),
        "instance": "alertmanager-0",
        "data": {"notification": {"alerts": details, **told, "groupInfo": {"groupKey": "{}"}, "flushId": flush}},
        **changes,
    }


def recorded(*events: dict[str, Any] | str, episodes: tuple[Episode, ...] = ()) -> Pages:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return recorded_pages(lines, episodes, START, END)


def test_a_recorded_notification_is_a_page_about_its_episode() -> None:
    first, second = episode(WHEN), episode(WHEN + 2 * HOUR)

    found = recorded(notification(FIRED + 31_000, first), "", episodes=(first, second))

    assert found.recorded
    assert [(page.at, page.episodes) for page in found.pages] == [(FIRED + 31_000, (first,))]
    assert (found.unmatched, found.broken) == (0, 0)


def test_that_something_resolved_is_no_page() -> None:
    assert recorded(notification(FIRED, episode(WHEN), resolved=True), episodes=(episode(WHEN),)).pages == ()


def test_two_integrations_of_a_receiver_are_one_page() -> None:
    told = notification(FIRED + 31_000, episode(WHEN))

    assert len(recorded(told, told, notification(FIRED + HOUR, episode(WHEN), flush="2")).pages) == 2


def test_what_is_not_of_the_period_is_left_out() -> None:
    assert recorded(notification(END, episode(WHEN)), notification(START - 1, episode(WHEN))).pages == ()


def test_alerts_of_which_no_episode_is_known_are_counted() -> None:
    found = recorded(notification(FIRED, episode(WHEN, subject=("shop", "cart"))), episodes=(episode(WHEN),))

    assert (found.unmatched, found.pages[0].episodes) == (1, ())


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"@timestamp": 5}', '{"@timestamp": "2026-08-01", "data": {}}', "[" * 100_000],
)
def test_a_broken_line_is_counted_and_costs_no_other(line: str) -> None:
    found = recorded(line, notification(FIRED + 31_000, episode(WHEN)), episodes=(episode(WHEN),))

    assert (found.broken, len(found.pages)) == (1, 1)


def test_other_events_are_no_pages() -> None:
    found = recorded({"@timestamp": "2026-08-01T00:00:00Z", "data": {"alertCreated": {}}})

    assert (found.pages, found.broken) == ((), 0)


CRITICAL = rule("Down", labels=(("severity", "critical"),), hold=STUCK.hold)


def routed(*episodes: Episode, **parts: Any) -> list[int]:
    """The times of the pages by a tree of routes, in seconds after the first episode fired."""
    root = replace(one_route(ROUTE).root, receiver="all", **parts.pop("root", {}))
    found = estimated_pages(episodes, Routing(root, **parts), (), END)
    return [(page.at - FIRED) // SECOND for page in found.pages]


def test_an_alert_that_takes_two_routes_is_told_by_both_and_a_silent_receiver_tells_nobody() -> None:
    warnings = RouteNode("slack", replace(ROUTE, group_wait=60 * SECOND), (("severity", "=", "warning"),), goes_on=True)
    second = RouteNode("phone", ROUTE, (("severity", "=~", "warning|info"),))
    both = {"routes": (warnings, second)}

    assert routed(episode(WHEN), root=both) == [30, 60]
    assert routed(episode(WHEN), root=both, silent=frozenset({"slack"})) == [30]
    assert routed(episode(WHEN, CRITICAL), root=both) == [30]
    assert routed(episode(WHEN), root={"routes": (replace(warnings, goes_on=False), second)}) == [60]


def test_an_alert_is_inhibited_while_another_one_fires_and_told_when_that_is_over() -> None:
    rules = (Inhibition((("severity", "=", "critical"),), (("severity", "=", "warning"),), ("namespace",)),)
    critical = episode(WHEN, CRITICAL, minutes=20)

    assert routed(critical, episode(WHEN, minutes=10), inhibitions=rules) == [30]
    assert routed(critical, episode(WHEN, minutes=40), inhibitions=rules) == [30, 30 + 20 * 60]
    elsewhere = episode(WHEN, subject=("media", "web"))
    assert routed(critical, elsewhere, inhibitions=rules) == [30, 30]


def test_an_alert_does_not_inhibit_itself() -> None:
    same = (("severity", "=", "warning"),)

    assert routed(episode(WHEN), inhibitions=(Inhibition(same, same),)) == [30]


def test_a_muted_route_tells_when_it_is_not_muted_any_more() -> None:
    noon = TimeInterval(ZoneInfo("UTC"), times=((12 * 60, 12 * 60 + 30),))
    root = {"muted": ("noon",)}

    assert routed(episode(WHEN, minutes=10), root=root, intervals={"noon": (noon,)}) == []
    assert routed(episode(WHEN, minutes=40), root=root, intervals={"noon": (noon,)}) == [30 + 15 * 60]
    assert routed(episode(WHEN, minutes=10), root={"active": ("noon",)}, intervals={"noon": (noon,)}) == [30]


def test_three_dots_group_by_all_labels() -> None:
    both = (episode(WHEN), episode(WHEN, subject=("shop", "cart")))

    assert routed(*both) == [30]
    assert routed(*both, root={"route": replace(ROUTE, group_by=("...",))}) == [30, 30]


def test_a_silence_that_ends_lets_go_what_it_held_back() -> None:
    silence = Silence((("name", "=", "cart"),), FIRED, FIRED + 20 * MINUTE, "kim", "")
    held = episode(WHEN, minutes=60, subject=("shop", "cart"))

    assert pages(episode(WHEN, minutes=60), held, silences=(silence,)) == [30, 30 + 20 * 60]
