"""A run in Korean, of a fleet with faults: every sentence that it writes is Korean, and whole."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from maintainer.render.words import load
from maintainer.sandbox.world import World
from tests.scenarios.runs import monthly

pytestmark = pytest.mark.extended

HANGUL = re.compile("[가-힣]")
HANGING = re.compile(r"(?:^|\s)(?:은|는|을|를|와|과|의|으로|로|에서)(?=[\s.,:;)]|$)|[은이을과]\([는가를와]\)|\(으\)로")
UNWORDED = re.compile("|".join(map(re.escape, load("en").entries)))
"""The id of a sentence, which stands in the place of one that the catalogue lacks or cannot say."""


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """What the findings, the gaps and the sections say."""
    for finding in report["findings"]:
        yield from (finding["summary"], finding["action"])
    yield from (gap["reason"] for gap in report["gaps"])
    for section in report["sections"]:
        yield section["title"]
        yield from [lead for lead in [section.get("lead")] if lead]


def test_a_report_in_korean_has_no_other_sentence(twice: World, tmp_path: Path) -> None:
    ended = monthly(twice.environment(), tmp_path, "--lang", "ko")
    said = list(sentences(ended.report))

    assert {"coverage/duplicate", "label/namespace"} <= {finding["check"] for finding in ended.report["findings"]}
    assert [sentence for sentence in said if not HANGUL.search(sentence)] == []
    assert [sentence for sentence in said if HANGING.search(sentence) or UNWORDED.match(sentence)] == []


def test_the_page_the_markdown_and_the_terminal_are_in_korean(twice: World, tmp_path: Path) -> None:
    ended = monthly(twice.environment(), tmp_path, "--lang", "ko", "--check", "coverage/duplicate")

    assert '<html lang="ko">' in ended.texts["html"]
    assert ended.texts["md"].startswith("# Argo Rollouts 모니터링 점검")
    assert "합계가 두 배로 나옵니다" in ended.out
    assert "두 타겟 중 하나를 제거하세요" in ended.texts["md"]
