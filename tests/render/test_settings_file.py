"""The file of the first settings: it loads, shows each default in a comment, and nothing that is found breaks it."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.model.first_look import FirstSettings, Value
from maintainer.model.message import message
from maintainer.render.settings_file import settings_file
from maintainer.render.words import load as load_words
from maintainer.settings import Settings, defaults, load

ENGLISH = load_words("en")
NAMES = st.text(min_size=1, max_size=40) | st.sampled_from(["no", "12:30", "a: b", "- a", "#", "null", "1e3", "'", '"'])


def text(
    values: Mapping[str, Value] | None = None,
    offers: Mapping[str, Value] | None = None,
    **remarks: str,
) -> str:
    """The file with these settings; a remark is given by its section, and stands at its first key."""
    said = {f"{section}.name": message("init/found", name=name) for section, name in remarks.items()}
    return settings_file(defaults(), FirstSettings(values or {}, offers or {}, said), ENGLISH)


def loaded(written: str, folder: Path) -> Settings:
    file = folder / "maintainer.yaml"
    file.write_text(written, "utf-8")
    return load(str(file), {}, {})


def set_lines(written: str) -> list[str]:
    """The lines that set something, without their comments."""
    lines = (line for line in written.splitlines() if line and not line.lstrip().startswith("#"))
    return [line.partition("  #")[0].rstrip() for line in lines if not re.fullmatch(r"\w+:", line)]


def test_where_nothing_is_found_nothing_is_set(tmp_path: Path) -> None:
    assert set_lines(text()) == []
    assert loaded(text(), tmp_path) == Settings()


def test_what_is_found_is_set_unless_it_is_the_default(tmp_path: Path) -> None:
    found: dict[str, Value] = {
        "cluster.context": "production",
        "controller.namespace": "argo-rollouts",
        "grafana.dashboards": ("a/b", "c/d"),
    }
    written = text(found)

    assert set_lines(written) == ["  context: production", "  dashboards: [a/b, c/d]"]
    assert loaded(written, tmp_path).grafana.dashboards == ("a/b", "c/d")


def test_an_offer_is_in_a_comment_and_is_taken_by_removing_the_sign(tmp_path: Path) -> None:
    written = text(offers={"prometheus.service": "central/prometheus:9090"})

    assert loaded(written, tmp_path) == Settings()
    taken = written.replace("#service: central", "service: central")
    assert loaded(taken, tmp_path).prometheus.service == "central/prometheus:9090"


@pytest.mark.parametrize("line", [line for line in text().splitlines() if re.match(r" *#\w+: ", line)])
def test_each_default_can_be_made_a_setting_by_removing_the_sign(line: str, tmp_path: Path) -> None:
    assert loaded(text().replace(f"{line}\n", f"{line.replace('#', '', 1)}\n"), tmp_path) == Settings()


def test_every_setting_is_in_the_file() -> None:
    written = text()

    for section, value in defaults().items():
        for name in value if isinstance(value, Mapping) else [section]:
            assert re.search(rf"^ *#{name}: .* # \S", written, re.MULTILINE), name


@settings(max_examples=50, deadline=None)
@given(context=NAMES, name=NAMES)
def test_no_name_from_outside_breaks_the_file(
    context: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    read = loaded(text({"cluster.context": context}, cluster=f"{name}\nfailOn: error"), folder)

    assert read.cluster.context == context
    assert read.fail_on == "never"


@pytest.mark.parametrize(
    "odd", ["\x85failOn: error", "\u2028failOn: error", "\x00", "\ufeff", "\ud800", "😀"], ids=ascii
)
def test_an_odd_character_stays_a_part_of_a_value_and_of_a_comment(odd: str, tmp_path: Path) -> None:
    read = loaded(text({"cluster.context": f"a{odd}"}, cluster=odd), tmp_path)

    assert (read.cluster.context, read.fail_on) == (f"a{odd}", "never")
