"""What Alertmanager counted, beside the pages that are estimated."""

from maintainer.analyse.alerts.notifications import Sent, sent_beside, with_notifications
from maintainer.analyse.alerts.pages import Page
from maintainer.model.alerts import HOUR, MINUTE, HourCoverage, RawSeries

START = 480_000 * HOUR
HOURS = tuple(HourCoverage(START + hour * HOUR, 1.0) for hour in range(3))


def counter(*values: float, every: int = 10 * MINUTE) -> RawSeries:
    return RawSeries((), [START + place * every for place in range(len(values))], values)


def test_each_hour_has_what_the_counters_counted_in_it() -> None:
    hours = with_notifications(HOURS, [counter(3, 3, 4, 4, 4, 4, 5, 7), counter(0, 0, 0, 1)])

    assert [hour.notified for hour in hours] == [3, 2, None]


def test_a_counter_that_began_again_has_counted_what_it_says() -> None:
    assert with_notifications(HOURS, [counter(9, 10, 2, 3)])[0].notified == 4


def test_an_hour_without_the_counter_is_not_known_and_not_without_a_notification() -> None:
    assert [hour.notified for hour in with_notifications(HOURS, [])] == [None] * 3
    assert sent_beside([], HOURS) is None


def test_pages_are_counted_in_the_hours_that_are_known() -> None:
    known = with_notifications(HOURS, [counter(0, 4)])
    pages = [Page(START + at, ()) for at in (0, HOUR - 1, HOUR)]

    assert sent_beside(pages, known) == Sent(4, 2, 1)


def test_two_numbers_disagree_by_more_than_half() -> None:
    assert not Sent(10, 15, 1).too_few
    assert Sent(10, 16, 1).too_few
    assert not Sent(15, 10, 1).more
    assert Sent(16, 10, 1).more
