from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from maintainer.model.export import BrokenExport, Export, differing, exported, imported
from maintainer.model.ledger import ArchiveLine, Notice, SeenFinding, SlackMessage, packed
from tests.store.entries import NOW, entry

NOTICE = Notice(
    SeenFinding("coverage/ghost", "00", date(2026, 10, 27), ("a",)),
    ("Rollout/shop/cart",),
    "error",
    "A series has no Rollout.",
    "Restart the controller",
    over=date(2026, 10, 29),
    end=SlackMessage("C0123456789", "1.3", "sending"),
)
WHOLE = Export(
    (
        replace(
            entry(report=packed('{"verdict": "é"}'), figures=2),
            findings=(SeenFinding("coverage/ghost", "00", date(2026, 9, 1), ("a",)),),
            message=SlackMessage("#deployments", "1.2"),
        ),
        entry("2026-09", result="missed"),
        replace(entry("2026-10-27 coverage/ghost 00", job="notice"), notice=NOTICE),
    ),
    (ArchiveLine("production", "accuracy", NOW, {"compared": 297, "differing": {"accuracy/phase": 1}}),),
)


def test_what_was_exported_is_imported_as_it_was() -> None:
    assert imported(exported(WHOLE).splitlines()) == WHOLE


def test_the_file_can_be_read_by_a_person() -> None:
    lines = exported(WHOLE).splitlines()

    assert lines[0] == '{"schema": "maintainer.export/v1"}'
    assert len(lines) == 5
    assert '"period": "2026-10"' in lines[1]
    assert "é" in lines[1], "the report is in it as text"


def test_a_file_of_an_older_version_is_imported() -> None:
    def renamed(line: dict[str, Any]) -> dict[str, Any]:
        return {**line, "period": line.pop("month")}

    old = exported(WHOLE).replace('"period"', '"month"').splitlines()
    assert imported(old, (renamed,)) == WHOLE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its first line is not that of an export"),
        ("groups: []\n", "its first line is not that of an export"),
        ('{"schema": "maintainer.report/v1"}\n', "its first line is not that of an export"),
        ('{"schema": "maintainer.export/v2"}\n', "a newer version of this program has written it"),
        ('{"schema": "maintainer.export/v1"}\n{\n', "line 2 cannot be read"),
        ('{"schema": "maintainer.export/v1"}\n{"ledger": {"job": 1}}\n', "line 2 cannot be read"),
        ('{"schema": "maintainer.export/v1"}\n{"other": {}}\n', "line 2 is neither of the ledger nor of the archive"),
        ('{"schema": "maintainer.export/v1"}\n[]\n', "line 2 is neither of the ledger nor of the archive"),
    ],
)
def test_what_is_no_export_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(BrokenExport, match=why):
        imported(text.splitlines())


def test_entries_differ_where_another_one_has_their_key() -> None:
    there = (entry("2026-09"), entry("2026-10"))
    assert differing(there, (entry("2026-09"), entry("2026-10", minutes=1), entry("2026-11"))) == (
        entry("2026-10", minutes=1),
    )
