"""Every sentence that the chrome of a report asks for is in report.yaml, and none stands there unused."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from maintainer.model.message import message
from maintainer.model.report import SEVERITIES, Action, GapKind, State
from maintainer.render import environment, outline, words
from maintainer.render.words import Entry, parse, say
from tests.render.sample_report import english

RENDER = Path(words.__file__).parent
CHROME = dict(parse((RENDER / "catalogue" / "en" / "report.yaml").read_text(encoding="utf-8")))
SOURCES = [
    *(path for path in environment.templates().rglob("*") if path.is_file()),
    *RENDER.glob("*.py"),
]

# What is put behind an id that ends in a dot.
ENDINGS: dict[str, tuple[str, ...]] = {
    "report/job.": tuple(outline.HEAD),
    "report/title.": tuple(outline.HEAD),
    "report/fact.": ("cluster", "period", "zone", "generated", "version"),
    "report/month.": tuple(f"{month:02}" for month in range(1, 13)),
    "report/figure.": ("whole", *{figure for figures in outline.HEAD.values() for figure in figures}),
    "report/share.": tuple({figure for figures in outline.SHARES.values() for figure in figures}),
    "report/shares.": tuple(outline.SHARES),
    "report/cost.": tuple(outline.COST),
    "report/count.": tuple(severity for severity in SEVERITIES if severity != "info"),
    "report/severity.": (*SEVERITIES, "ok", "none"),
    "report/state.": get_args(State),
    "report/action.": ("restored", "rolled-back", "reloaded"),
    "report/gap.": get_args(GapKind),
    "report/column.": ("name", "time", "from", "to", "what"),
}


def used() -> set[str]:
    texts = " ".join(path.read_text(encoding="utf-8") for path in SOURCES)
    found = set(re.findall(r"""["'](report/[a-z.-]*)""", texts))
    whole = {id_ for id_ in found if not id_.endswith(".")}
    assert {id_ for id_ in found if id_.endswith(".")} <= set(ENDINGS)
    return whole | {f"{id_}{ending}" for id_ in ENDINGS for ending in ENDINGS[id_]}


def test_every_id_that_is_used_is_there_and_every_id_is_used() -> None:
    assert used() == set(CHROME)


def test_actions_have_a_word_for_each_kind() -> None:
    assert set(ENDINGS["report/action."]) == set(get_args(Action.__annotations__["kind"]))


@pytest.mark.parametrize("entry", CHROME.values(), ids=CHROME)
def test_the_forms_of_an_entry_ask_for_the_same(entry: Entry) -> None:
    forms = [entry] if isinstance(entry, str) else list(entry.values())
    asked = [{name for _, name, _, _ in Formatter().parse(form) if name is not None} for form in forms]
    assert all(names == asked[0] and all(map(str.isidentifier, names)) for names in asked)


@pytest.mark.parametrize("id_", CHROME)
def test_every_sentence_can_be_said(id_: str) -> None:
    entry = CHROME[id_]
    form = entry if isinstance(entry, str) else entry["other"]
    names = {name for _, name, _, _ in Formatter().parse(form) if name}
    for count in (1, 2):
        assert say(english(), message(id_, **dict.fromkeys({*names, "count"}, count)))


def test_what_has_a_plural_says_one_and_many() -> None:
    paired = [id_ for id_, entry in CHROME.items() if not isinstance(entry, str)]
    assert "report/verdict.findings" in paired
    for id_ in paired:
        one, many = (say(english(), message(id_, count=n, moving=0, unjudged=0)) for n in (1, 2))
        assert one.startswith("1 ")
        assert many.startswith("2 ")
        assert one.removeprefix("1 ") != many.removeprefix("2 ")
