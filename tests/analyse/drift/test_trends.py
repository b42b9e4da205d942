"""What several runs say together of what drifted in several of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.drift.trends import Drifted, as_data, drifted, past_drifts, trends, unread_trends
from maintainer.model.facts import Unavailable
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import Message, message
from maintainer.render.words import load, say
from tests.analyse.drift.builders import config_map
from tests.analyse.drift.faults import ALERTS, EXTRA, NOW, audited, deployed, edited, service

NAME = "ConfigMap/monitoring/prometheus-config"
ENGLISH = load("en")


def run(days_ago: int, *unread: str, **writers: tuple[str, ...]) -> Drifted:
    return Drifted(NOW - timedelta(days=days_ago), writers, frozenset(unread))


def rows(*runs: Drifted) -> list[tuple[str, ...]]:
    """The rows of the table in words; none without a table."""
    return [
        tuple(say(ENGLISH, cell) if isinstance(cell, Message) else str(cell) for cell in row)
        for table in trends(runs)
        for row in table.rows
    ]


def test_a_run_keeps_what_differs_with_who_wrote_it() -> None:
    assert drifted(edited(ALERTS.replace("5m", "1h"))).writers == {NAME: ("kubectl-edit",)}
    assert drifted(audited((deployed(service(app="a")), None))).writers == {
        "Service/argo-rollouts/argo-rollouts-metrics": ()
    }


def test_what_was_only_added_has_not_drifted() -> None:
    assert drifted(edited(EXTRA)).writers == {}


def test_an_object_that_could_not_be_read_is_kept_as_unknown() -> None:
    wanted = deployed(config_map({}))
    audit = audited((wanted, None))
    unread = type(audit)(type(audit.facts)(audit.facts.deployed, {}), (), audit.access, audit.now)

    assert drifted(unread) == Drifted(NOW, {}, frozenset({NAME}))


def test_an_object_that_drifts_again_is_told_with_how_often_and_by_whom() -> None:
    kept = [run(number, **({"a": ("kubectl-edit",)} if number in {0, 2, 3, 5, 6} else {})) for number in range(8)]

    assert rows(*reversed(kept)) == [("a", "in 5 of the last 8 runs", "always kubectl-edit", "2026-11-24")]


def test_the_first_run_is_of_a_day_in_the_time_zone_of_the_report() -> None:
    late = datetime(2026, 11, 24, 20, tzinfo=UTC)
    runs = [Drifted(late + timedelta(days=number), {"a": ("helm",)}, frozenset()) for number in range(2)]
    (table,) = trends(runs, ZoneInfo("Asia/Seoul"))

    assert table.rows[0][-1] == "2026-11-25"


def test_of_several_writers_the_most_frequent_is_the_first() -> None:
    edits = (run(3, a=("helm",)), run(2, a=("kubectl-edit",)), run(1, a=("kubectl-edit",)))

    assert rows(*edits) == [("a", "in 3 of the last 3 runs", "kubectl-edit, helm", "2026-11-27")]


def test_who_is_not_always_known_is_not_called_always() -> None:
    assert rows(run(2, a=("helm",)), run(1, a=()))[0][2] == "helm"
    assert rows(run(2, a=()), run(1, a=()))[0][2] == "-"


def test_a_run_that_could_not_read_an_object_does_not_count_for_it() -> None:
    assert rows(run(3, a=("x",)), run(2, "a"), run(1, a=("x",)))[0][1] == "in 2 of the last 2 runs"


def test_what_drifted_once_is_no_trend() -> None:
    assert rows(run(2), run(1, a=("x",))) == []


@given(st.dictionaries(st.text(min_size=1), st.lists(st.text(), max_size=2).map(tuple)), st.sets(st.text()))
def test_what_is_kept_is_read_as_it_was(writers: dict[str, tuple[str, ...]], unread: set[str]) -> None:
    kept = Drifted(NOW, writers, frozenset(unread))

    assert past_drifts([ArchiveLine("c", "drift", NOW, as_data(kept))]) == (kept,)


def test_a_line_that_cannot_be_read_costs_no_other() -> None:
    lines = [ArchiveLine("c", "drift", NOW, {"drifted": 7}), ArchiveLine("c", "drift", NOW, {"drifted": {}})]

    assert past_drifts(lines) == (Drifted(NOW, {}),)


def test_an_archive_that_cannot_be_read_is_said() -> None:
    (text,) = unread_trends((Unavailable("archive", message("gap/no-access", why="no")),))

    assert "could not be read" in say(ENGLISH, text.paragraphs[0])
