"""The pages that name files: each file is there, and the walk of a difference visits none twice."""

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from maintainer.cli import app
from maintainer.options import OPTIONS
from maintainer.render import words
from maintainer.render.settings_file import settings_block
from maintainer.settings import defaults, load, variables

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
COMMANDS = sorted(
    {
        (page.relative_to(ROOT).as_posix(), line)
        for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for line in re.findall(r"^(?:[A-Z_]+=\S+ |.*[|&(] ?)?maintainer (.+)", block, re.MULTILINE)
    }
)
"""What the pages have to be typed after the name of the command, each with its page."""
_FILE = re.compile(r"`((?:maintainer/|reports/|tests/|bench/|tools/|docs/)?[\w/]+(?:\.(?:py|yaml|md|sh)|/))`")


def named(text: str) -> list[str]:
    """The files and folders that a text names."""
    return [name for name in _FILE.findall(text) if "/" in name or name.endswith(".py")]


def section(title: str) -> str:
    return ARCHITECTURE.split(f"## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", sorted(set(named(ARCHITECTURE))))
def test_a_file_that_the_architecture_names_is_there(name: str) -> None:
    assert (ROOT / name).exists() or (ROOT / "maintainer" / name).exists()


def test_the_walk_of_a_difference_visits_no_file_twice() -> None:
    rows = [
        line.split("|")[1]
        for line in section("One difference, from the API's bytes to the page").splitlines()
        if "`" in line and line.startswith("|")
    ]
    files = [name for row in rows for name in named(row)]

    assert len(files) >= 15
    assert len(files) == len(set(files))


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_documented_with_its_setting_and_its_variable(option: str) -> None:
    rows = (ROOT / "docs" / "commands.md").read_text("utf-8").splitlines()
    (row,) = [row for row in rows if re.match(rf"\| [^|]*`{option}[ `]", row) and "MAINTAINER_" in row]
    setting = OPTIONS[option]
    (variable,) = [name for name, key in variables().items() if key == setting]

    assert re.search(rf"\| `{setting}(: \w+)?` \| `{variable}` \|", row)


def test_the_settings_of_the_page_are_the_defaults_with_the_comments_of_init(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    block = page.partition("These are the defaults:\n\n```yaml\n")[2].partition("```")[0]
    file = tmp_path / "maintainer.yaml"
    file.write_text(block, "utf-8")

    assert block == settings_block(defaults(), words.load("en"))
    assert load(str(file), {}, {}) == load("", {}, {})


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_of_a_page_can_be_typed(page: str, line: str) -> None:
    words = shlex.split(re.split(r"[>|)]", line)[0], comments=True)
    command = get_command(app)
    while isinstance(command, TyperGroup):
        command = command.commands[words.pop(0)]

    assert not command.make_context("maintainer", words).args
