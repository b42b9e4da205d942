from pathlib import Path
from typing import Any

import pytest

from maintainer.errors import ConfigError
from maintainer.model.message import message
from maintainer.render import words
from maintainer.render.words import Catalogue, Entry, load, number, parse, say
from tests.render.sample_report import english, text

CATALOGUES = Path(words.__file__).parent / "catalogue" / "en"

CATALOGUE = Catalogue(
    "en",
    {
        "report/joiner": ", ",
        "plain": "nothing to fill in",
        "rollouts": {"one": "{count} Rollout", "other": "{count} Rollouts"},
        "only-other": {"other": "{count}개"},
        "both": "{things}, and {gaps}",
        "named": "see {name}",
    },
)


def test_a_sentence_is_said_with_its_parameters() -> None:
    assert say(CATALOGUE, message("plain")) == "nothing to fill in"
    assert say(CATALOGUE, message("named", name="a {brace} is text")) == "see a {brace} is text"


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 Rollouts"), (1, "1 Rollout"), (2, "2 Rollouts"), (1.0, "1 Rollout"), (1579, "1,579 Rollouts")],
)
def test_the_count_chooses_between_one_and_other(count: float, said: str) -> None:
    assert say(CATALOGUE, message("rollouts", count=count)) == said


def test_a_language_without_plural_has_only_other() -> None:
    assert say(CATALOGUE, message("only-other", count=1)) == "1개"


def test_messages_in_parameters_are_said_and_several_are_joined() -> None:
    rollouts = tuple(message("rollouts", count=count) for count in (1, 2))
    sentence = message("both", things=rollouts, gaps=message("plain"))
    assert say(CATALOGUE, sentence) == "1 Rollout, 2 Rollouts, and nothing to fill in"


def test_a_sentence_that_is_not_there_is_said_by_its_id_and_its_parameters() -> None:
    assert say(CATALOGUE, message("no/such")) == "no/such"
    assert say(CATALOGUE, message("no/such", rollout="shop/cart", count=1579)) == (
        "no/such (count=1,579, rollout=shop/cart)"
    )


def test_a_sentence_that_is_not_there_costs_nothing_of_the_one_around_it() -> None:
    assert say(CATALOGUE, message("both", things=message("no/such", a="b"), gaps="more")) == "no/such (a=b), and more"
    assert say(CATALOGUE, message("no/such", things=message("rollouts", count=2))) == "no/such (things=2 Rollouts)"


@pytest.mark.parametrize("id_", ["named", "rollouts"])
def test_a_sentence_that_lacks_a_parameter_is_said_by_its_id_and_its_parameters(id_: str) -> None:
    assert say(CATALOGUE, message(id_, other=1)) == f"{id_} (other=1)"


@pytest.mark.parametrize("entry", ["{name:d}", "{name.there}", "{name[x]}", "{0}", "{", "{name!z}", {"one": "{name}"}])
def test_an_entry_that_cannot_be_filled_in_costs_its_own_sentence(entry: Entry) -> None:
    assert say(Catalogue("en", {"a": entry}), message("a", count=2, name="x")) == "a (count=2, name=x)"


@pytest.mark.parametrize("value", [None, ["x"]])
def test_a_parameter_of_another_kind_costs_its_own_sentence(value: Any) -> None:
    assert say(CATALOGUE, message("named", name=value)) == f"named (name={value})"


@pytest.mark.parametrize(
    ("value", "said"),
    [(1579, "1,579"), (-3, "-3"), (0.25, "0.25"), (2.0, "2"), (1234.56789, "1,234.5679"), (1.234e-7, "1.23e-07")],
)
def test_numbers_in_a_text(value: float, said: str) -> None:
    assert number(value) == said


def test_an_id_that_stands_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "catalogue" / "en"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("x/y: one text\n")
    (folder / "b.yaml").write_text("x/y: another\n")
    monkeypatch.setattr(words, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="x/y stands twice"):
        load("en")
    (folder / "b.yaml").write_text("x/z: one\nx/z: two\n")
    with pytest.raises(ValueError, match="x/z stands twice"):
        load("en")


def test_every_scalar_is_a_text() -> None:
    assert dict(parse("a: no\nb: 1\nc: {other: on}\n")) == {"a": "no", "b": "1", "c": {"other": "on"}}
    assert not list(parse("# nothing yet\n"))


@pytest.mark.parametrize("entry", ["a: [x]", "a: {one: x}", "a: {one: x, other: y, few: z}"])
def test_an_entry_is_a_text_or_one_and_other(entry: str) -> None:
    with pytest.raises(ValueError, match=r"^a "):
        list(parse(entry))


@pytest.mark.parametrize("language", ["xx", "../en", ""])
def test_an_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(ConfigError, match="no catalogue"):
        load(language)


def test_the_english_catalogue_loads() -> None:
    assert say(english(), message("report/verdict.findings", count=3)) == "3 things to do"
    assert say(english(), text("as it is")) == "as it is"


TABLES = {
    "drift-diff": "drift",
    "drift-trend": "drift",
    "drift-table": "drift",
    "pipeline-table": "table",
    "queries": "table",
    "setting": "settings",
    "targets": "table",
}
"""Beginnings of ids that share a file; every other one has the file of its name."""


@pytest.mark.parametrize("file", sorted(CATALOGUES.iterdir()), ids=lambda path: path.name)
def test_an_id_stands_in_the_file_of_its_family(file: Path) -> None:
    families = {id_.partition("/")[0] for id_, _ in parse(file.read_text("utf-8"))}

    assert {TABLES.get(family, family) for family in families} == {file.stem}
