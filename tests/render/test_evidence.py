"""What evidence is called in each language, while the keys of the JSON stay the same."""

import pytest

from maintainer.model.report import Json
from maintainer.render.document import document
from maintainer.render.evidence import blocks, records, scalars
from maintainer.render.words import load
from tests.render.sample_report import finding, report

ENGLISH, KOREAN = load("en"), load("ko")

EVIDENCE: dict[str, Json] = {
    "windowSeconds": 2400,
    "targets": [{"target": "a", "lastScrape": "never"}],
    "commands": "kubectl get pods\nkubectl get services",
}


def test_evidence_is_called_by_words() -> None:
    assert scalars(EVIDENCE, ENGLISH) == (("Time window (seconds)", "2,400"),)
    assert [(label, table.columns) for label, table, _ in records(EVIDENCE, ENGLISH)] == [
        ("Targets", ("Target", "Last scrape"))
    ]
    assert [label for label, _ in blocks(EVIDENCE, ENGLISH)] == ["Commands"]


def test_a_korean_report_calls_it_by_korean_words() -> None:
    assert scalars(EVIDENCE, KOREAN) == (("관찰 시간(초)", "2,400"),)
    assert [table.columns for _, table, _ in records(EVIDENCE, KOREAN)] == [("타겟", "마지막 스크랩")]
    assert [label for label, _ in blocks(EVIDENCE, KOREAN)] == ["명령"]


def test_the_keys_of_the_json_are_the_same_in_each_language() -> None:
    (found,) = document(report(findings=(finding(evidence=EVIDENCE),)), KOREAN)["findings"]

    assert found["evidence"] == EVIDENCE


@pytest.mark.parametrize("key", ["app.kubernetes.io/name", "job", "{x}", ""])
def test_a_key_that_is_no_word_of_ours_is_shown_as_it_is(key: str) -> None:
    assert scalars({key: "x"}, ENGLISH) == ((key, "x"),)
    ((_, table, _),) = records({"rows": [{key: "x"}]}, ENGLISH)
    assert table.columns == (key,)
