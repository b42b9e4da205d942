"""Swim-lanes: where an episode lies, how its verdict shows, and what is folded."""

import re
from datetime import timedelta
from functools import partial

from maintainer.model.message import Message
from maintainer.model.sections import Episode, EpisodeVerdict, Lane, Lanes, Stretch
from maintainer.render.document import Document, document
from maintainer.render.html import html
from maintainer.render.lane_chart import SHOWN, TOP, LaneChart, lane_chart
from maintainer.render.markdown import markdown
from maintainer.render.words import say
from tests.render.sample_jobs import QUARTER, quarterly, sampling, words
from tests.render.sample_report import english, report, text

HOUR = timedelta(hours=1)
TITLE: Message = text("Alerts")


def episode(day: float, verdict: EpisodeVerdict = "real", hours: float = 1) -> Episode:
    start = QUARTER.start + timedelta(days=day)
    return Episode(start, start + hours * HOUR, verdict)


def section(*lanes: Lane, unseen: tuple[Stretch, ...] = ()) -> Document:
    made = Lanes(TITLE, QUARTER.start, QUARTER.end, lanes, unseen)
    drawn: Document = document(report(sections=(made,)), english())["sections"][0]
    return drawn


def chart(*lanes: Lane, unseen: tuple[Stretch, ...] = ()) -> LaneChart:
    return lane_chart(section(*lanes, unseen=unseen), partial(say, english()))


def test_an_episode_lies_where_it_began() -> None:
    (group,) = chart(Lane("RolloutStuck", "shop/cart", (episode(46), episode(0)))).groups

    assert group.shown[0].paths == {"real": "M2000 2v18M0 2v18"}


def test_each_verdict_has_a_shape_of_its_own() -> None:
    episodes = (episode(23), episode(46, "false"), episode(69, "undetermined"))
    (group,) = chart(Lane("RolloutStuck", "shop/cart", episodes)).groups

    assert group.shown[0].paths == {"real": "M1000 2v18", "false": "M2000 11v9", "undetermined": "M3000 6v14"}
    assert len(set(TOP.values())) == 3
    assert group.counts == (1, 1, 1)
    assert group.shown[0].words == "RolloutStuck, shop/cart: 1 real, 1 false, 1 undetermined"


def test_a_long_episode_has_a_line_as_long_as_it_was() -> None:
    (group,) = chart(Lane("RolloutStuck", "shop/cart", (episode(0, hours=46 * 24),))).groups

    assert group.shown[0].paths == {"real": "M0 2v18M0 18h2000"}


def test_what_is_not_known_goes_through_all_lanes_and_is_said() -> None:
    down = Stretch(QUARTER.start + 552 * HOUR, QUARTER.start + 1104 * HOUR, text("Prometheus was down"))
    source = html(
        document(
            report(
                sections=(Lanes(TITLE, QUARTER.start, QUARTER.end, (Lane("A", "b", ()), Lane("A", "c", ())), (down,)),)
            ),
            english(),
        ),
        english(),
    )

    assert source.count('<rect class="gap" fill="url(#p-gap)" x="25.0%" width="25.0%" height="22"/>') == 2
    assert "No data from 2026-07-24 00:00 to 2026-08-16 00:00: Prometheus was down" in source


def test_lanes_of_an_alert_are_a_group_and_the_last_ones_are_folded() -> None:
    lanes = [Lane(alert, f"shop/{number}", (episode(number),)) for alert in ("A", "B") for number in range(12)]
    first, second = chart(*lanes).groups

    assert (first.alert, second.alert, first.counts) == ("A", "B", (12, 0, 0))
    assert (len(first.shown), len(first.folded)) == (SHOWN, 4)


def test_no_single_lane_is_folded() -> None:
    (group,) = chart(*(Lane("A", f"shop/{number}", ()) for number in range(SHOWN + 1))).groups

    assert (len(group.shown), group.folded) == (SHOWN + 1, ())


def test_a_quarter_of_3000_episodes_is_a_page_under_300_kilobytes() -> None:
    made = document(quarterly(), sampling("en"))
    lanes = made["sections"][0]["lanes"]
    source = html(made, sampling("en"))

    assert (len(lanes), sum(len(lane["episodes"]) for lane in lanes)) == (60, 3_000)
    assert len(source.encode()) < 300_000
    assert len(re.findall(r'<svg class="strip"[^>]*role="img"><title>', source)) == 60


def test_markdown_counts_the_episodes_of_the_first_lanes() -> None:
    source = markdown(document(quarterly(), sampling("ko")), sampling("ko"))

    assert "| RolloutStuck | `payments/checkout-api` |" in source
    assert "60개 중 20개 표시, 전체는 JSON 보고서에 있음" in source
    assert words("a", "b").named["ko"] == "b"
