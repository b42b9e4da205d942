"""A page in Korean follows its English page: the same headings, commands, tables and names."""

import re
from pathlib import Path

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.model.message import message
from maintainer.render.settings_file import settings_block
from maintainer.render.words import load, say
from maintainer.settings import defaults

ROOT = Path(__file__).parents[1]
KOREAN = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "README.ko.md", *(ROOT / "docs").rglob("*.ko.md")))

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMENT = re.compile(r"(?:^|\s+)# .*$|(?<=reason: )\S.*$|(?<=summary: ).*$", re.M)
QUOTED = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^)]+)\)")
HANGUL = re.compile("[가-힣]")


def both(page: str) -> tuple[str, str]:
    """The English and the Korean text."""
    korean = ROOT / page
    return korean.with_name(korean.name.replace(".ko.md", ".md")).read_text("utf-8"), korean.read_text("utf-8")


def prose(text: str) -> str:
    """A page without its blocks of code and without the line that leads to the other language."""
    return re.sub(r"^\[English\].*\n|^English \|.*\n", "", FENCED.sub("", text), flags=re.M)


def code(text: str) -> list[tuple[str, list[str]]]:
    """The blocks of code, without what people write for people in them: comments, reasons and summaries."""
    return [
        (language, [line.rstrip() for line in COMMENT.sub("", block).splitlines() if line.strip()])
        for language, block in FENCED.findall(text)
    ]


@pytest.mark.parametrize("page", KOREAN)
def test_the_headings_stand_in_the_same_order(page: str) -> None:
    levels = [re.findall(r"^(#+) ", FENCED.sub("", text), re.M) for text in both(page)]

    assert levels[0] == levels[1]
    assert all(HANGUL.search(heading) for heading in re.findall(r"^#{2,} (.*)$", prose(both(page)[1]), re.M))


@pytest.mark.parametrize("page", KOREAN)
def test_the_commands_and_examples_are_the_same(page: str) -> None:
    english, korean = both(page)

    assert code(korean) == code(english)


@pytest.mark.parametrize("page", KOREAN)
def test_the_tables_have_the_same_rows(page: str) -> None:
    rows = [[row.count("|") for row in re.findall(r"^\|.*\|$", prose(text), re.M)] for text in both(page)]

    assert rows[0] == rows[1]


@pytest.mark.parametrize("page", KOREAN)
def test_the_same_names_are_quoted_and_the_same_pages_linked(page: str) -> None:
    english, korean = both(page)
    links = [{link.replace(".ko.md", ".md") for link in LINK.findall(prose(text))} for text in (english, korean)]

    assert set(QUOTED.findall(prose(english))) - set(QUOTED.findall(prose(korean))) == set()
    assert links[0] == links[1]


@pytest.mark.parametrize("page", KOREAN)
def test_no_link_of_a_korean_page_is_broken(page: str) -> None:
    links = {link.partition("#")[0] for link in LINK.findall(both(page)[1]) if not link.startswith("http")}

    assert [link for link in links if link and not (ROOT / page).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("page", KOREAN)
def test_no_paragraph_is_left_in_english(page: str) -> None:
    paragraphs = prose(both(page)[1]).split("\n\n")
    words = [re.sub(r"`[^`]*`|\[[^\]]*\]\([^)]*\)|^#+ .*$|\|", "", text, flags=re.M) for text in paragraphs]

    assert [text for text in words if len(re.findall(r"[a-z]{2,}", text)) > 5 and not HANGUL.search(text)] == []


@pytest.mark.parametrize("check", CHECKS)
def test_the_page_that_a_korean_report_links_is_there(check: str) -> None:
    assert (ROOT / say(load("ko"), message("report/page", check=check, docs="docs"))).is_file()


def test_the_settings_have_the_comments_of_the_korean_catalogue() -> None:
    assert f"```yaml\n{settings_block(defaults(), load('ko'))}```" in (ROOT / "docs" / "settings.ko.md").read_text(
        "utf-8"
    )
