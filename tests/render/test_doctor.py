"""How doctor's rows are printed: a line each, and commands that can be copied."""

import pytest

from maintainer.model.doctor import Row
from maintainer.model.message import message
from maintainer.render.doctor import as_document, doctor_text
from maintainer.render.words import load

ENGLISH = load("en")
COMMAND = "kubectl apply -f - <<'EOF'\n" + "word " * 60 + "\nEOF"
ROWS = (
    Row("rollouts", "ok", message("doctor/rollouts.ok")),
    Row(
        "prometheus", "broken", message("doctor/unreached", who="Prometheus", url="http://p", detail="d " * 60), COMMAND
    ),
    Row("retention", "not-checked", message("doctor/not-checked", row="prometheus"), because="prometheus"),
)


def text(width: int, *, colour: bool = False, rows: tuple[Row, ...] = ROWS) -> str:
    return doctor_text(as_document(rows, ENGLISH, str), ENGLISH, width=width, colour=colour)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_sentences_are_broken_to_the_width_and_commands_are_not(width: int) -> None:
    rows, _, commands = text(width).partition("\nprometheus: type\n")

    assert max(map(len, rows.splitlines())) <= width
    assert commands == f"{COMMAND.replace(' ' + chr(10), chr(10))}\n"


def test_a_terminal_without_room_is_no_error() -> None:
    assert "Prometheus" in text(1)


def test_on_a_wide_terminal_a_row_is_one_line() -> None:
    lines = text(400).splitlines()

    assert [line.split()[0] for line in lines[:3]] == ["ok", "broken", "not"]
    assert lines[2] == "not checked  retention   This needs the row prometheus first."


def test_if_nothing_is_to_be_typed_the_next_step_is_said() -> None:
    assert text(100, rows=ROWS[:1]).endswith("The next thing to type is maintainer run monthly\n")


def test_only_its_own_colours_act_on_the_terminal() -> None:
    odd = Row("grafana", "broken", message("doctor/server.ok", who="\x1b[31m\nGrafana", url="\x9b2J"), "curl \x1b]0;x")
    shown = text(100, rows=(odd,))

    assert not {"\x1b", "\x9b"} & set(shown)
    assert "\x1b[" in text(100, colour=True)


def test_secrets_are_in_no_part_of_a_row() -> None:
    row = Row("x", "broken", message("doctor/server.ok", who="hush", url="hush"), "curl hush", rbac="name: hush")

    assert "hush" not in str(as_document([row], ENGLISH, lambda said: said.replace("hush", "<secret>")))
