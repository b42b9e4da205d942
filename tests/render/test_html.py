import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from maintainer.model.report import Action, Report, Resolved, Subject
from maintainer.model.sections import Area, Bars, Diff, Heatmap, Lanes, Section, Table
from maintainer.render import environment
from maintainer.render.document import document
from maintainer.render.html import html, pieces
from tests.render.sample_calendar import calendar
from tests.render.sample_report import HOSTILE, OCTOBER, english, every_kind, finding, gap, hostile, report, text

VOID = {"input", "meta", "path", "use", "circle", "rect"}


@dataclass
class Page(HTMLParser):
    """A page as a browser would take it apart: elements with their attributes, and the texts that they hold."""

    source: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    goes_on: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()
        assert not self.path, f"left open: {self.path}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":
            self.goes_on = True
            return
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.path.pop() == tag

    def handle_data(self, data: str) -> None:
        before = self.texts.pop()[1] if self.goes_on else ""
        self.goes_on = False
        self.texts.append((self.path[-1] if self.path else "", before + data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def all(self, tag: str) -> list[str]:
        return [data for inside, data in self.texts if inside == tag]


def page(of: Report) -> Page:
    return Page(html(document(of, english()), english()))


def shape(made: Page) -> list[tuple[str, list[str]]]:
    return [(tag, sorted(attributes)) for tag, attributes in made.elements]


@cache
def shape_of_plain() -> Sequence[tuple[str, list[str]]]:
    return shape(page(hostile("plain")))


def test_the_parts_at_the_top_are_not_the_diffs_of_single_objects() -> None:
    table = Table(text("Changes"), (text("a"),), (("b",),))
    page = html(document(replace(report(), sections=(Diff(text("one"), "a", "b"), table)), english()), english())
    nav = page.partition("<nav")[2].partition("</nav>")[0]

    assert '<a href="#section-2">Changes</a>' in nav
    assert "section-1" not in nav


@pytest.mark.parametrize("words", [words for words in HOSTILE if words and "\n" not in words])
def test_hostile_words_change_nothing_but_the_text(words: str) -> None:
    assert shape(page(hostile(words))) == shape_of_plain()


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_is_styled_in_place_or_fetched(words: str) -> None:
    for tag, attributes in page(hostile(words)).elements:
        assert tag not in {"img", "iframe", "object", "link", "base", "form"}
        assert not {name for name in attributes if name.startswith("on") or name in {"style", "src"}}
        if "href" in attributes:
            assert tag in {"a", "use"}
            assert re.match(r"#(i|f|action|section|check)-[\w-]+$|#(findings|gaps|checks)$", attributes["href"] or "")


@pytest.mark.parametrize("words", [words for words in HOSTILE if words and words.isprintable()])
def test_hostile_words_are_shown_as_they_are(words: str) -> None:
    made = page(hostile(words))
    assert words in made.all("h3")
    assert words in made.all("code")


def test_what_would_act_on_the_screen_is_made_visible() -> None:
    source = html(document(hostile("a\x1b[31m\u202eb\x85"), english()), english())
    assert "a␛[31m\ufffdb\ufffd" in source
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", source)


def test_a_query_may_go_on_in_a_new_line_behind_punctuation_and_not_within_a_name_or_an_address() -> None:
    query = 'sum by (name) (rollout_info{phase=~"Error",name="a-b"}) http://10.0.0.7:9090/api'
    lines = 'sum by (|name) (|rollout_info{|phase=~|"Error",|name=|"a-b"}) http://10.0.0.7:9090/|api'
    assert pieces(query) == lines.split("|")
    made = page(report(findings=(replace(finding(), reproduce=query),)))
    assert query in made.all("code")
    assert made.source.count("<wbr>") == 7


def hashed(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def test_the_policy_allows_the_one_style_and_the_one_script_by_their_hashes() -> None:
    made = page(report(sections=every_kind()))
    (style,) = made.all("style")
    (script,) = made.all("script")
    policies = [attributes["content"] for tag, attributes in made.elements if "http-equiv" in attributes]
    allowed = f"style-src '{hashed(style)}'; script-src '{hashed(script)}'"
    assert policies == [f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"]
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("section", every_kind("the words of it"), ids=lambda section: section.kind)
def test_every_kind_of_section_is_shown(section: Section) -> None:
    made = page(report(sections=(section,)))
    assert "the words of it" in made.all("h2")
    assert sum("the words of it" in data for _, data in made.texts) > 1


TITLE, NOON = text("Empty"), OCTOBER.start
EMPTY: tuple[Section, ...] = (
    Table(TITLE, (TITLE,), ()),
    Diff(TITLE, "same", "same\n"),
    Bars(TITLE, TITLE, ()),
    Lanes(TITLE, NOON, NOON, ()),
    Heatmap(TITLE, TITLE, (), ("Mon",), ()),
    Area(TITLE, TITLE, (), ()),
)


@pytest.mark.parametrize("section", EMPTY, ids=lambda section: section.kind)
def test_an_empty_section_says_so(section: Section) -> None:
    sentence = "Both are the same." if section.kind == "diff" else "Nothing to show."
    assert sentence in page(report(sections=(section,))).all("p")


def test_twenty_subjects_are_shown_and_the_rest_is_counted() -> None:
    made = page(report(findings=(finding(count=26),)))
    assert len([data for data in made.all("bdi") if data.startswith("Rollout/shop/")]) == 20
    assert "20 of 26 shown; the JSON report has all" in made.all("li")
    assert "shown; the JSON" not in html(document(report(findings=(finding(count=20),)), english()), english())


def test_three_actions_are_named_in_the_verdict_and_the_rest_is_counted() -> None:
    findings = tuple(finding(action=f"Do {index}", summary=f"Wrong {index}") for index in range(5))
    elements = page(report(findings=findings)).elements
    links = [
        attributes["href"] for tag, attributes in elements if tag == "a" and "#action" in (attributes["href"] or "")
    ]
    assert links == ["#action-1", "#action-2", "#action-3", "#action-4"]
    assert "2 more things to do" in page(report(findings=findings)).all("a")
    assert not [said for said in page(report(findings=findings[:3])).all("a") if "more" in said]
    assert {link[1:] for link in links if link} < {attributes.get("id") for _, attributes in elements}


@pytest.mark.parametrize(
    ("made", "classes"),
    [
        (report(), "verdict tone-ok"),
        (report(gaps=(gap(),)), "verdict tone-none open"),
        (report(findings=(finding(),)), "verdict tone-error"),
        (report(findings=(finding(severity="warning"),), gaps=(gap(),)), "verdict tone-warning open"),
    ],
)
def test_the_rule_of_the_verdict_has_its_tone_and_is_dashed_when_incomplete(made: Report, classes: str) -> None:
    assert classes in [attributes.get("class") for _, attributes in page(made).elements]


def test_gaps_are_never_empty_by_omission() -> None:
    assert "Nothing was left unchecked." in page(report()).all("p")
    assert "Nothing was left unchecked." not in page(report(gaps=(gap(),))).all("p")


def test_what_the_run_changed_and_what_is_gone_is_said() -> None:
    action = Action("restored", Subject("ConfigMap", "monitoring", "rules"), text("2 alerts."))
    made = page(
        replace(
            report(),
            actions=(action,),
            resolved=(Resolved("panel/value", "00", date(2026, 10, 1), "A panel was wrong."),),
        )
    )
    assert "Restored: 2 alerts." in made.all("p")
    assert "1 finding is no longer there." in made.all("p")
    assert "panel/value: A panel was wrong. (first seen on 2026-10-01)" in made.all("li")


def test_a_document_that_lacks_a_key_is_an_error() -> None:
    made = document(report(), english())
    del made["resolved"]
    with pytest.raises(UndefinedError):
        html(made, english())


def test_templates_of_the_package_come_before_those_of_the_source_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (environment.templates() / "report.html.j2").is_file()
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(environment, "__file__", str(tmp_path / "environment.py"))
    assert environment.templates() == tmp_path / "templates"


def test_a_calendar_shows_weeks_from_monday_with_a_word_and_a_shape_for_each_state() -> None:
    page = html(document(report(sections=(calendar(),)), english()), english())

    table = page[page.index('<table class="cal">') : page.index("</tbody></table>", page.index('<table class="cal">'))]
    weeks = table.split("<tr>")[2:]
    assert [week.count("<td") for week in weeks] == [7, 7]
    assert [cell.startswith("></td>") for cell in weeks[0].split("<td")[1:]] == [True] * 4 + [False] * 3
    assert '<time datetime="2026-10-30">10-30' in table
    assert '<time datetime="2026-11-01">11-01' in table
    assert ['#i-error"' in table, '#i-ok"' in table, "no scrapes: 5 h" in table] == [True, True, True]
    assert table.count("<use") == 2
