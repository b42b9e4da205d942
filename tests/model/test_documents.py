import gzip
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.documents import (
    LEDGER,
    LIMIT,
    MOST_PARTS,
    Full,
    Schema,
    Unreadable,
    newest,
    part_name,
    placed,
    read,
    written,
)
from maintainer.model.ledger import Entry, SeenFinding, SlackMessage
from tests.store.entries import entry, incompressible, report_of

WHOLE = replace(
    entry(result="incomplete", figures=2, report=b"\x1f\x8b"),
    findings=(SeenFinding("coverage/ghost", "0123456789abcdef", date(2026, 9, 1), ("a", "b")),),
    message=SlackMessage("#deployments", "1.2"),
)


def document(*lines: str) -> bytes:
    return gzip.compress("".join(f"{line}\n" for line in lines).encode())


def test_a_document_is_read_as_it_was_written() -> None:
    entries = (WHOLE, entry("2026-09", result="missed"))

    assert read(LEDGER, written(LEDGER, entries)) == entries
    assert written(LEDGER, entries) == written(LEDGER, entries)


def test_a_document_is_lines_below_its_schema() -> None:
    lines = gzip.decompress(written(LEDGER, (entry(), entry("2026-09")))).decode().splitlines()

    assert lines[0] == '{"schema":"maintainer.ledger/v1"}'
    assert '"period":"2026-09"' in lines[2]


def test_a_document_of_an_older_schema_is_read() -> None:
    def with_result(line: dict[str, Any]) -> dict[str, Any]:
        return {**line, "result": "done" if line.pop("finished") else "incomplete"}

    def with_period(line: dict[str, Any]) -> dict[str, Any]:
        return {**line, "period": line.pop("month")}

    third = Schema("ledger", Entry, (with_result, with_period))
    line = '"cluster": "a", "job": "monthly", "at": "2026-11-01T03:00:00Z", "verdict": "ok"'
    first = document('{"schema": "maintainer.ledger/v1"}', f'{{{line}, "month": "2026-10", "finished": true}}')
    second = document('{"schema": "maintainer.ledger/v2"}', f'{{{line}, "month": "2026-10", "result": "done"}}')

    for content in (first, second):
        assert [(old.period, old.result) for old in read(third, content)] == [("2026-10", "done")]
    assert read(third, written(third, read(third, first))) == read(third, first)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "foreign"),
        (b"groups: []", "foreign"),
        (gzip.compress(b"groups: []"), "foreign"),
        (gzip.compress(b""), "foreign"),
        (gzip.compress(b"\xff\xfe"), "foreign"),
        (document("[]"), "foreign"),
        (document('{"schema": 1}'), "foreign"),
        (document('{"schema": "maintainer.archive/v1"}'), "foreign"),
        (document('{"schema": "maintainer.ledger/v2"}', '{"anything": 1}'), "newer"),
        (document('{"schema": "maintainer.ledger/v1"}', "{"), "corrupt"),
        (document('{"schema": "maintainer.ledger/v1"}', '{"cluster": "a"}'), "corrupt"),
        (written(LEDGER, (entry(),))[:-9], "corrupt"),
        (gzip.compress(b" " * (65 * 2**20)), "corrupt"),
    ],
    ids=range(13),
)
def test_what_cannot_be_read_is_told_apart(content: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(LEDGER, content)
    assert raised.value.damage == why


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_content_makes_reading_fail_in_another_way(head: bytes, tail: bytes) -> None:
    whole = written(LEDGER, (WHOLE,))
    for content in (head, whole + tail, gzip.compress(head), gzip.compress(gzip.decompress(whole) + tail), whole[:60]):
        try:
            read(LEDGER, content)
        except Unreadable:
            continue


def test_the_first_part_has_the_plain_name() -> None:
    assert [part_name("ledger", number) for number in (1, 2)] == ["ledger", "ledger-2"]


def test_records_that_do_not_fit_go_to_a_second_part() -> None:
    large = [entry(f"2026-{month:02}", report=incompressible(400_000, month)) for month in range(1, 8)]
    parts = placed((), large)

    assert [len(part) for part in parts] == [2, 2, 2, 1]
    assert all(len(written(LEDGER, part)) <= LIMIT for part in parts)
    assert newest(parts) == tuple(large)


def test_a_record_takes_the_place_of_the_one_with_its_key() -> None:
    before = placed((), [entry("2026-09"), entry("2026-10")])
    after = placed(before, [entry("2026-09", minutes=1, result="incomplete")])

    assert newest(after) == (entry("2026-09", minutes=1, result="incomplete"), entry("2026-10"))
    assert len(after) == 1


def test_a_record_that_grew_too_large_for_its_part_holds_over_the_old_one_in_every_order_of_writes() -> None:
    small = [entry(f"2026-0{month}", report=incompressible(400_000, month)) for month in (1, 2)]
    before = placed((), small)
    grown = entry("2026-01", minutes=1, report=incompressible(700_000))
    after = placed(before, [grown])

    assert newest(after) == (grown, small[1])
    assert [len(part) for part in after] == [2, 1]
    assert [len(part) for part in placed(after, [entry("2026-03")])] == [2, 1], "the old one is gone, the new one fits"
    assert newest((after[0], ())) == tuple(small), "killed before the second write"


def test_what_fits_nowhere_is_refused() -> None:
    with pytest.raises(Full):
        placed((), [entry(report=incompressible(LIMIT))])
    full = [[entry(f"20{part:02}-01", report=incompressible(LIMIT - 1000, part))] for part in range(MOST_PARTS)]
    with pytest.raises(Full):
        placed(full, [entry("2030-01", report=incompressible(2000))])


def test_the_figures_of_36_months_of_10_clusters_fit_into_one_document() -> None:
    entries = [
        replace(
            entry(f"{2024 + month // 12}-{month % 12 + 1:02}", cluster=f"cluster-{cluster}", figures=60), findings=SEEN
        )
        for cluster in range(10)
        for month in range(36)
    ]
    parts = placed((), entries)

    assert len(parts) == 1
    assert len(written(LEDGER, parts[0])) < LIMIT


def test_with_their_reports_they_fit_into_the_parts() -> None:
    parts: tuple[tuple[Entry, ...], ...] = ()
    for month in range(36):
        period = f"{2024 + month // 12}-{month % 12 + 1:02}"
        parts = placed(parts, [
            entry(period, cluster=f"cluster-{cluster}", figures=60, report=report_of(cluster, month))
            for cluster in range(10)
        ])  # fmt: skip

    assert len(parts) <= MOST_PARTS
    assert len(newest(parts)) == 360
    assert all(len(written(LEDGER, part)) <= LIMIT for part in parts)


SEEN = tuple(SeenFinding("coverage/ghost", f"{number:016x}", date(2026, 9, 1)) for number in range(12))
