"""What people wrote down: incidents, and what they said of alerts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.alerts.people import incidents_of, labels_of, written_labels
from maintainer.model.episode_table import defused
from maintainer.model.incidents import Incident, Label

SEOUL = ZoneInfo("Asia/Seoul")


def millis(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return round(datetime(year, month, day, hour, minute, tzinfo=SEOUL).timestamp() * 1000)


def test_incidents_are_in_the_order_of_their_start() -> None:
    text = """
incidents:
  - {id: B, start: 2026-08-03T02:10:00+09:00, end: 2026-08-03T03:00:00+09:00, labels: {namespace: shop, rollout: web}}
  - {id: 17, start: 2026-08-01T00:00:00Z}
"""
    later = millis(2026, 8, 3, 2, 10), millis(2026, 8, 3, 3)
    first = round(datetime(2026, 8, 1, tzinfo=UTC).timestamp() * 1000)

    assert incidents_of(text, SEOUL) == (
        Incident("17", first, first + 3_600_000),
        Incident("B", *later, (("namespace", "shop"), ("rollout", "web"))),
    )


def test_a_time_without_an_offset_is_of_the_zone_of_the_reports() -> None:
    (found,) = incidents_of("incidents: [{id: A, start: 2026-08-03 02:10, end: 2026-08-03 03:00}]", SEOUL)

    assert found.start == millis(2026, 8, 3, 2, 10)


def test_no_incident_must_be_said() -> None:
    assert incidents_of("incidents: []", SEOUL) == ()


@pytest.mark.parametrize("text", ["", "# nothing", "incidents:", "[]", "{}", "incidents: {}", "--- []\n--- []"])
def test_a_text_with_nothing_in_it_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"if there was none, write incidents: \[\]"):
        incidents_of(text, SEOUL)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{start: 2026-08-03}", "it needs an id and a start"),
        ("{id: A, start: yesterday}", "'yesterday' is no time"),
        ("{id: A, start: 2026-08-03, end: 2026-08-02}", "it ends before it starts"),
        ("{id: A, start: 2026-08-03, ende: 2026-08-04}", "the key ende is not known"),
        ("{id: A, start: 2026-08-03, labels: [web]}", "its labels are no pairs"),
        ("A", "it is no mapping"),
    ],
)
def test_what_is_wrong_with_an_incident_is_said(entry: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"incident 1: {said}"):
        incidents_of(f"incidents: [{entry}]", SEOUL)


def test_an_id_that_stands_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="the id A stands twice"):
        incidents_of("incidents: [{id: A, start: 2026-08-03}, {id: A, start: 2026-08-04}]", SEOUL)


def test_an_anchor_bomb_is_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )

    with pytest.raises(ValueError, match="line"):
        incidents_of(bomb, SEOUL)


HEADER = "\ufeffalert,active_at,labels,verdict,who,note\n"


def test_a_table_that_was_filled_in_says_what_its_rows_say() -> None:
    text = HEADER + (
        "RolloutStuck,2026-08-03T02:10:00+09:00,name=web;namespace=shop,Noise,kim,'=a drill\n"
        "RolloutStuck,2026-08-04T02:10:00+09:00,name=web;namespace=shop,,,\n"
    )
    when = millis(2026, 8, 3, 2, 10)

    assert labels_of(text, SEOUL) == (
        Label(
            "RolloutStuck", when, when, "noise", (("name", "web"), ("namespace", "shop")), "kim", "=a drill", "line 2"
        ),
    )


def test_a_table_may_come_back_with_semicolons() -> None:
    text = 'alert;active_at;labels;verdict\nRolloutStuck;2026-08-03T02:10:00Z;"name=web;namespace=shop";real\n'

    assert labels_of(text, SEOUL)[0].labels == (("name", "web"), ("namespace", "shop"))


def test_a_list_says_the_same() -> None:
    text = """
- {alertname: RolloutStuck, subject: shop/web, at: 2026-08-03T02:10:00+09:00, verdict: unsure, who: kim}
- {alertname: RolloutStuck, from: 2026-08-03, to: 2026-08-05, verdict: expected, note: freeze}
"""
    when = millis(2026, 8, 3, 2, 10)

    assert labels_of(text, SEOUL) == (
        Label(
            "RolloutStuck", when, when, "undetermined", (("name", "web"), ("namespace", "shop")), "kim", "", "label 1"
        ),
        Label("RolloutStuck", millis(2026, 8, 3), millis(2026, 8, 5), "expected", (), "", "freeze", "label 2"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither a table with a column verdict nor a list"),
        ("alert,verdict\nA,real\n", "the table lacks the column active_at"),
        ("alert,active_at,labels,verdict\nA,2026-08-03,,yes\n", "line 2: 'yes' is no verdict"),
        ("alert,active_at,labels,verdict\nA,soon,,real\n", "line 2: 'soon' is no time"),
        ("alert,active_at,labels,verdict\nA,2026-08-03,web,real\n", "line 2: the labels are no pairs"),
        ("[{alertname: A, verdict: real}]", "label 1: it needs an alertname, and at, or from and to"),
        ("[{alertname: A, at: 2026-08-03, verdict: maybe}]", "label 1: 'maybe' is no verdict"),
    ],
)
def test_what_is_wrong_with_labels_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        labels_of(text, SEOUL)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=4))
def test_labels_are_read_as_they_were_written(pairs: list[tuple[str, str]]) -> None:
    pairs = [
        (name.replace("\n", "").replace("\r", "") or "x", value.replace("\n", "").replace("\r", ""))
        for name, value in pairs
    ]
    cell = defused(written_labels(pairs)).replace('"', '""').replace("\0", "")
    text = f'alert,active_at,labels,verdict\nA,2026-08-03,"{cell}",real\n'

    expected = sorted((name.replace("\0", ""), value.replace("\0", "")) for name, value in pairs)
    assert list(labels_of(text, SEOUL)[0].labels) == expected
