"""Advice that one alert inhibits another: it spares the pages that it says, and loses no incident."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.classes.facts import AlertPair
from maintainer.analyse.alerts.hours import DaySpan, Hours
from maintainer.analyse.alerts.inhibition_advice import InhibitionAdvice, inhibition_advice, inhibitions
from maintainer.analyse.alerts.pages import one_route
from maintainer.analyse.alerts.review import Judging, Review, review_of
from maintainer.model.alert_routing import Route
from maintainer.model.alerts import HOUR, MINUTE, SECOND, Episode
from maintainer.model.incidents import Incident
from tests.analyse.alerts.histories import STUCK, at, episode, history, rule

OTHER = rule("RolloutOther")
ROUTE = Route(("alertname", "namespace"), 30 * SECOND, 5 * MINUTE, 4 * HOUR)
JUDGING = Judging(
    hours=Hours(DaySpan(0, 0), DaySpan(0, 0), ZoneInfo("UTC")), routing=one_route(ROUTE), short_for=5 * MINUTE
)
TIMES = [at(5 + 9 * number, 8 + number) for number in range(6)]
SHOP = (("name", "web"), ("namespace", "shop"))


def reviewed(*episodes: Episode, incidents: tuple[Incident, ...] = ()) -> Review:
    return review_of(history(*episodes, rules=(STUCK, OTHER)), replace(JUDGING, incidents=incidents))


def together(**changes: object) -> list[Episode]:
    return [
        one
        for when in TIMES
        for one in (episode(when, minutes=40), episode(when, OTHER, minutes=40, **changes))  # type: ignore[arg-type]  # each by its name
    ]


def test_of_two_that_fire_together_one_inhibits_the_other() -> None:
    (found,) = inhibitions(reviewed(*together()))

    assert (found.before, found.after) == (12, 6)
    assert {found.source, found.target} == {"RolloutStuck", "RolloutOther"}
    assert found.equal == ("name", "namespace")


def test_the_number_of_incidents_is_of_those_that_a_page_told_of() -> None:
    known = tuple(Incident(f"i{number}", when, when + HOUR, SHOP) for number, when in enumerate(TIMES[:4]))
    (found,) = inhibitions(reviewed(*together(), incidents=known))

    assert found.told == 4


def test_an_alert_that_alone_tells_of_an_incident_is_not_inhibited() -> None:
    tells = (("alertname", "RolloutOther"), *SHOP)
    incident = Incident("i", TIMES[0], TIMES[0] + HOUR, tells)
    (found,) = inhibitions(reviewed(*together(), incidents=(incident,)))
    both = (incident, Incident("j", TIMES[1], TIMES[1] + HOUR, (("alertname", "RolloutStuck"), *SHOP)))

    assert (found.source, found.target) == ("RolloutOther", "RolloutStuck")
    assert inhibitions(reviewed(*together(), incidents=both)) == ()


def test_alerts_that_share_no_label_of_a_rollout_are_not_made_to_inhibit_each_other() -> None:
    nameless = [replace(one, labels=(("severity", "warning"),)) for one in together()]

    assert inhibitions(reviewed(*nameless)) == ()


def test_what_follows_does_not_inhibit_what_it_follows() -> None:
    second = [episode(when + 5 * MINUTE, OTHER, minutes=17) for when in TIMES]
    review = reviewed(*(episode(when, minutes=40) for when in TIMES), *second)
    (pair,) = review.pairs
    assert isinstance(pair, AlertPair)
    assert pair.kind == "cascading"

    assert inhibition_advice(review, pair) == InhibitionAdvice(
        "RolloutStuck", "RolloutOther", ("name", "namespace"), before=12, after=6, told=0
    )


def test_fewer_than_three_pages_are_not_worth_a_change() -> None:
    few = reviewed(*together()[:4])

    assert inhibition_advice(few, AlertPair("duplicate", "RolloutStuck", "RolloutOther", 2, 2, 2, 1.0, 1, 1, 9)) is None
