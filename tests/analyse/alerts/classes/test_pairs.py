"""Alerts that fire for the same subjects, always together or one after the other."""

from collections.abc import Hashable, Iterable

from maintainer.analyse.alerts.classes.facts import AlertPair
from maintainer.analyse.alerts.classes.pairs import alert_pairs
from maintainer.model.alert_thresholds import AlertThresholds
from maintainer.model.alerts import DAY, Episode
from tests.analyse.alerts.builders import episode, rule

USUAL = AlertThresholds()


def fired(alert: str, times: Iterable[float], *, long: float = 20, name: str = "web") -> list[Episode]:
    return [episode(at, at + long - 1, fired=at, of=rule(alert), name=name, alert=alert) for at in times]


def subject(of: Episode) -> Hashable | None:
    return dict(of.labels).get("name")


def pairs(*episodes: list[Episode]) -> tuple[AlertPair, ...]:
    return alert_pairs([one for of_alert in episodes for one in of_alert], subject, 30 * DAY, USUAL)


TIMES = [day * 1440 for day in range(10)]


def test_alerts_that_fire_together_are_duplicates_named_once() -> None:
    found = pairs(fired("B", [at + 1 for at in TIMES]), fired("A", TIMES))
    assert [(one.kind, one.first, one.second, one.together, one.first_count) for one in found] == [
        ("duplicate", "A", "B", 10, 10)
    ]
    assert round(found[0].overlap, 3) == round(19 / 21, 3)
    assert (found[0].forth, found[0].back) == (1, 1)


def test_alerts_of_other_subjects_or_too_few_are_no_duplicates() -> None:
    assert pairs(fired("A", TIMES), fired("B", TIMES, name="api")) == ()
    assert pairs(fired("A", TIMES[:4]), fired("B", TIMES[:4])) == ()
    assert pairs(fired("A", TIMES), fired("B", TIMES[:4])) == ()
    assert [one.kind for one in pairs(fired("A", TIMES[:5]), fired("B", TIMES[:5]))] == ["duplicate"]


def test_alerts_that_share_little_of_their_time_are_no_duplicates() -> None:
    assert pairs(fired("A", TIMES), fired("B", TIMES, long=200)) == ()


def test_one_that_fires_more_often_is_no_duplicate() -> None:
    assert [one.kind for one in pairs(fired("A", TIMES), fired("B", [*TIMES, *(at + 300 for at in TIMES)]))] == []


def test_an_alert_that_follows_another_cascades() -> None:
    found = pairs(fired("B", [at + 8 for at in TIMES], long=60), fired("A", TIMES))
    assert [(one.kind, one.first, one.second, one.together, one.back) for one in found] == [
        ("cascading", "A", "B", 10, 0)
    ]
    by_chance = 10 * 10 * 10 / (30 * 1440)
    assert round(found[0].lift, 6) == round(10 / by_chance, 6)


def test_an_alert_that_fires_all_the_time_follows_nothing() -> None:
    always = fired("B", range(0, 30 * 1440, 15), long=1)
    assert pairs(fired("A", TIMES), always) == ()


def test_alerts_that_follow_each_other_do_not_cascade() -> None:
    both = [moment for at in TIMES for moment in (at, at + 12)]
    assert pairs(fired("A", both), fired("B", [at + 6 for at in both], long=60)) == ()


def test_pending_alerts_and_unknown_subjects_do_not_count() -> None:
    unknown = [episode(at, at + 19, fired=at, of=rule("B"), pod="a") for at in TIMES]
    pending = [episode(at, at + 19, fired=None, of=rule("B")) for at in TIMES]
    assert pairs(fired("A", TIMES), unknown, pending) == ()
