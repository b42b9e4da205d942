"""A diff: its lines with their signs, and the changed parts of lines that replace others."""

from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.render.diff_rows import DiffRow, diff_rows

TEXTS = st.lists(st.text("ab: ", max_size=6), max_size=6).map("\n".join)


def rows(before: str, after: str) -> tuple[DiffRow, ...]:
    return diff_rows({"before": before, "after": after})


def told(before: str, after: str) -> list[str]:
    """The rows as text, what changed in brackets."""
    return [
        row.sign + "".join(f"[{part.text}]" if part.changed else part.text for part in row.parts)
        for row in rows(before, after)
    ]


def test_the_changed_part_of_a_line_is_marked() -> None:
    assert told("alert: A\nfor: 15m", "alert: A\nfor: 25m")[1:] == [" alert: A", "-for: [15m]", "+for: [25m]"]


def test_lines_that_replace_as_many_others_are_compared_one_by_one() -> None:
    assert told("for: 15m\nseverity: page", "for: 25m\nseverity: info")[1:] == [
        "-for: [15m]",
        "-severity: [page]",
        "+for: [25m]",
        "+severity: [info]",
    ]


def test_a_line_that_only_one_text_has_is_not_marked() -> None:
    assert told("a", "a\nb")[1:] == [" a", "+b"]
    assert told("a\nb\nc", "d")[1:] == ["-a", "-b", "-c", "+d"]


def test_equal_texts_have_no_rows() -> None:
    assert rows("a\nb", "a\nb") == ()


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_the_rows_hold_both_texts(before: str, after: str) -> None:
    made = [(row.sign, "".join(part.text for part in row.parts)) for row in rows(before, after)]

    for text, sign, other in ((before, "-", after), (after, "+", before)):
        of_text = [line for mark, line in made if mark == sign]
        assert set(of_text) <= set(text.split("\n"))
        assert not made or set(text.split("\n")) - set(other.split("\n")) <= {*of_text, ""}
