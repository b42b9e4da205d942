"""The Korean catalogue says all that the English one says, in Korean, with the particles that its names take."""

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from rich.cells import cell_len

from maintainer.analyse.checks import CHECKS
from maintainer.model.message import message
from maintainer.render.document import document
from maintainer.render.evidence import SHOWN
from maintainer.render.explain import all_explained
from maintainer.render.html import html
from maintainer.render.ledger import terminal_table
from maintainer.render.markdown import markdown
from maintainer.render.particles import PARTICLES
from maintainer.render.terminal import terminal
from maintainer.render.words import Catalogue, Entry, load, say
from tests.render.sample_report import finding, report
from tests.render.test_catalogue_commands import COMMANDS, TEMPLATES

ENGLISH, KOREAN = load("en"), load("ko")

HANGUL = re.compile("[가-힣]")
PLACE = re.compile(r"\{[^{}]*\}")
PROSE = re.compile(r"\b[a-z]{2,}(?:,? [a-z]{2,}){2,}")
"""Three English words in a row."""
COMMAND = re.compile(
    r"(?:kubectl|helm|maintainer|promtool|unless|sum by|config FILE)[^.가-힣]*|--[\w.-]+|\[\"?[^\]]*\"?\]"
)
HANGING = re.compile(r"(?:^|\s)(?:은|는|을|를|와|과|의|에|으로|로|에서|에게)(?=[\s.,:;)]|$)")
FIXED = re.compile(r"\}(?:은|는|이|가|을|를|과|와|으로|로|이라는|라는)(?=[\s.,:;)]|$)")

SAME_IN_BOTH = {
    "advice/kind.for",
    "advice/kind.keep",
    "alert/tuning/change.keep",
    "cardinality/readers.here",
    "coverage/rollouts",
    "coverage/unjudged.rollout",
    "doctor/clock.prometheus",
    "evidence/alertmanager",
    "evidence/alertmanagers",
    "evidence/api",
    "evidence/lease",
    "evidence/prometheus",
    "evidence/rollout",
    "evidence/rollouts",
    "evidence/selector",
    "evidence/selectors",
    "evidence/url",
    "fact/podmonitors",
    "fact/prometheusrules",
    "fact/servicemonitors",
    "pipeline-picture/node.alertmanager",
    "pipeline-picture/node.prometheus",
    "pipeline-picture/node.service",
    "pipeline-table/link.pipeline/alertmanager",
    "pipeline-table/link.pipeline/endpoints",
    "pipeline-table/link.pipeline/service",
    "quarterly/column.hold",
    "quarterly/column.rollout",
    "queries/kind.record",
    "queries/side.between",
    "queries/side.counted",
    "queries/side.one",
    "queries/sides",
    "report/figure.of.volume",
    "report/figure.rollouts.listed",
    "report/page",
    "storage/space.log",
    "storage/space.unit",
    "cardinality/bytes.unit",
    "targets/rollouts",
}
"""Names and terms that Korean engineers write in Latin letters."""


def texts(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def parameters(entry: Entry) -> set[str]:
    return {name for text in texts(entry) for _, name, _, _ in Formatter().parse(text) if name is not None}


def said_of(id_: str, value: str) -> Iterator[str]:
    """A Korean sentence with this value in each of its places, of one and of many."""
    names = parameters(KOREAN.entries[id_])
    for count in (1, 2):
        yield say(KOREAN, message(id_, **{**dict.fromkeys(names, value), "count": count}))


def test_no_sentence_is_missing_and_none_is_too_many() -> None:
    assert KOREAN.entries.keys() == ENGLISH.entries.keys()


def test_both_languages_are_told_the_same() -> None:
    differing = []
    for id_, english in ENGLISH.entries.items():
        chosen_by = set() if isinstance(english, str) else {"count"}
        if parameters(KOREAN.entries[id_]) - chosen_by != parameters(english) - chosen_by:
            differing.append(id_)

    assert differing == []


def english_left(id_: str, text: str) -> bool:
    """Whether a text has words and none is Korean, or has English prose between the Korean."""
    words = PLACE.sub("", text)
    foreign = re.search("[A-Za-z]", words) is not None and not HANGUL.search(words)
    return (foreign and id_ not in SAME_IN_BOTH) or PROSE.search(COMMAND.sub("", words)) is not None


def test_no_english_sentence_is_left() -> None:
    assert [id_ for id_, entry in KOREAN.entries.items() if any(english_left(id_, text) for text in texts(entry))] == []


@pytest.mark.parametrize("text", ["All checks ran.", "점검을 실행했습니다. All checks ran and passed."])
def test_an_english_sentence_is_found(text: str) -> None:
    assert english_left("report/x", text)


def test_no_particle_is_fixed_behind_a_name() -> None:
    assert [id_ for id_, entry in KOREAN.entries.items() if any(map(FIXED.search, texts(entry)))] == []


@pytest.mark.parametrize(
    ("after_vowel", "after_consonant"),
    [("서버", "대상"), ("shop/cart", "price-app"), ("v1.2", "v1.3"), ("API", "JSON")],
)
def test_no_particle_hangs_or_is_wrong_behind_any_last_sound(after_vowel: str, after_consonant: str) -> None:
    wrong = [
        said
        for id_ in KOREAN.entries
        for value, form in ((after_vowel, 0), (after_consonant, 1))
        for said in said_of(id_, value)
        if said.startswith(f"{id_} (") or HANGING.search(said) or misplaced(said, value, form)
    ]

    assert wrong == []


def misplaced(said: str, value: str, form: int) -> bool:
    """Whether the value is followed by a particle in this form, which is the wrong one for it."""
    particles = "|".join(forms[form] for forms in PARTICLES.values())
    return re.search(rf"{re.escape(value)}(?:{particles})(?=[\s.,:;)]|$)", said) is not None


EXACT = re.compile(
    r"--[a-z][\w-]*(?:\.[\w-]+)*|\b(?!e\.g)[a-z]+(?:_[a-z]+)*(?:\.[a-zA-Z_]+)+\b|https?://[\w./:-]+\w"
    r"|\b[a-z]+_[a-z_]+\b|\bv\d+\.\d+\.\d+\b|\b[a-z]+/[a-z]+(?:-[a-z]+)+\b",
    re.ASCII,
)
"""What a reader types: options, settings, URLs, labels, versions and checks."""


def test_what_a_reader_types_is_the_same_in_both_languages() -> None:
    def typed(entry: Entry) -> set[str]:
        return {found.replace(".ko.md", ".md") for text in texts(entry) for found in EXACT.findall(text)}

    assert "--prometheus-url" in typed(ENGLISH.entries["gap/web-connection"])
    differing = {id_ for id_, entry in ENGLISH.entries.items() if typed(entry) != typed(KOREAN.entries[id_])}
    assert differing == {"report/page"}


@pytest.mark.parametrize(("id_", "command"), {**COMMANDS, **TEMPLATES}.items())
def test_a_command_is_the_same_in_korean(id_: str, command: str) -> None:
    assert all(command in text for text in texts(KOREAN.entries[id_]))


def test_sentences_of_one_and_of_many() -> None:
    assert say(KOREAN, message("report/verdict.findings", count=1)) == "할 일 1건"
    assert say(KOREAN, message("coverage/ghost/series.summary", count=1, rollout="shop/cart")) == (
        "shop/cart는 API에 없는데 Prometheus에 시계열이 있습니다."
    )
    assert say(KOREAN, message("coverage/ghost/series.summary", count=1579, rollout="shop/cart")) == (
        "API에 없는 Rollout 1,579개의 시계열이 Prometheus에 있습니다(shop/cart 등)."
    )


def test_a_report_in_korean_has_its_frame_and_its_dates_in_korean() -> None:
    worded = document(report(), KOREAN)

    assert markdown(worded, KOREAN).startswith("# Argo Rollouts 모니터링 점검, 2026년 10월\n")
    page = html(worded, KOREAN)
    assert '<html lang="ko">' in page
    assert "확인하지 못한 항목이 없습니다." in page


def test_no_line_of_an_explanation_is_wider_than_the_terminal() -> None:
    lines = all_explained([*CHECKS], KOREAN, width=60).splitlines()

    assert 55 < max(map(cell_len, lines)) <= 60


@pytest.mark.parametrize("width", range(60, 100))
def test_no_word_is_lost_at_the_end_of_a_line(width: int) -> None:
    means = [say(KOREAN, message(f"{check}.means")) for check in CHECKS]
    catalogue = Catalogue("ko", {**KOREAN.entries, "say/text": "{text}"})
    found = [finding(summary=text, action=text) for text in means]
    reports = [report(findings=tuple(found[first : first + SHOWN])) for first in range(0, len(found), SHOWN)]
    reported = [terminal(document(made, catalogue), catalogue, width=width, colour=False) for made in reports]
    printed = (
        "".join(reported),
        terminal_table(("의미",), [[text] for text in means], width=width),
        all_explained([*CHECKS], KOREAN, width=width),
    )

    for text in printed:
        assert "…" not in text
        assert all("".join(said.split()) in "".join(text.split()) for said in means)
        assert max(map(cell_len, text.splitlines())) <= width
