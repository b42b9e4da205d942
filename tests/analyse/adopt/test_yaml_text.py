"""One place of a YAML text is changed, and the rest of it stays as it is written."""

from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.adopt.retold import other_value, retold
from maintainer.analyse.adopt.yaml_text import Entry, entries, with_document, with_entry, with_value, without_entry
from maintainer.model.trees import from_yaml

TEXT = """# What it is about.
group:
  First:  # the first
    # Why it is so.
    expr: |
      up{job="a"} == 0
      # a comment of PromQL
    for: 5m
    text: >-
      a long line
      that is folded

  # About the second.
  Second:
    expr: up == 1
    quoted: 'it''s'
  empty: []
other: {a: 1}
"""
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" :#'\"{}"), max_size=20)


def at(*path: str | int) -> Entry:
    return next(entry for entry in entries(TEXT) if entry.path == path)


def test_a_value_is_changed_in_its_style() -> None:
    assert with_value(TEXT, at("group", "First", "for"), "10m") == TEXT.replace("5m", "10m")
    assert with_value(TEXT, at("group", "Second", "quoted"), "it's so") == TEXT.replace("it''s", "it''s so")
    assert with_value(TEXT, at("group", "First", "text"), "a long word that is folded") == TEXT.replace("line", "word")
    after = with_value(TEXT, at("group", "First", "expr"), 'up{job="b"} == 0\n# a comment of PromQL\n')
    assert after == TEXT.replace('"a"', '"b"')


@given(st.sampled_from([entry.path for entry in entries(TEXT) if isinstance(entry.value, str)]), TEXTS)
@settings(max_examples=100, deadline=None)
def test_any_value_becomes_any_text_and_no_other_changes(path: tuple[str | int, ...], new: str) -> None:
    after = with_value(TEXT, at(*path), new)
    if not after:
        return  # a block can hold no text that begins with a blank
    was, now = ({entry.path: entry.value for entry in entries(text)} for text in (TEXT, after))
    assert {place for place in was if was[place] != now[place] and isinstance(now[place], str)} <= {path}
    assert str(now[path]).strip() == new.strip()
    assert after.count("#") >= TEXT.count("#") - 1


def test_an_entry_is_added_at_the_end_of_its_mapping() -> None:
    (group,) = [entry for entry in entries(TEXT) if entry.path == ("group", "Second")]
    assert isinstance(group.value, dict)
    after = with_entry(TEXT, group.value, "for", "3m")
    assert after == TEXT.replace("quoted: 'it''s'\n", "quoted: 'it''s'\n    for: 3m\n")


def test_an_entry_goes_with_its_comments_and_not_with_those_of_the_next() -> None:
    after = without_entry(TEXT, at("group", "First").key)
    assert "# About the second." in after
    assert "Why it is so" not in after
    assert from_yaml(after)[0] == {
        "group": {"Second": {"expr": "up == 1", "quoted": "it's"}, "empty": []},
        "other": {"a": "1"},
    }


def test_an_empty_list_gets_its_first_item() -> None:
    after = with_document(TEXT, at("group", "empty"), [{"a": "b"}])
    assert after == TEXT.replace("empty: []", "empty:\n    - a: b")
    assert with_document(TEXT, at("other"), {"b": "c"}) == ""


def test_what_is_written_in_one_line_is_left() -> None:
    (other,) = [entry for entry in entries(TEXT) if entry.path == ("other",)]
    assert isinstance(other.value, dict)
    assert with_entry(TEXT, other.value, "b", "2") == ""
    assert without_entry(TEXT, at("other", "a").key) == ""


def test_a_template_is_changed_between_its_braces_only() -> None:
    template, rendered = "  up > {{ .a }} and on () x < 5\n", "up > 0.1 and on () x < 5"
    assert retold(template, rendered, "up > 0.1 and on () x < 7") == template.replace("5", "7")
    assert retold(template, rendered, "up > 0.2 and on () x < 5") == ""
    assert retold(template, rendered, "up > 0.1 and on () x < {{ y }}") == ""
    assert retold(template, "something else", "anything") == ""


def test_a_value_that_stands_in_several_places_is_the_same_in_all_of_them() -> None:
    assert other_value("5m", "a[5m] / b[5m]", "a[9m] / b[9m]") == "9m"
    assert other_value("5m", "a[5m] / b[5m]", "a[9m] / b[5m]") == "9m"  # refused where it is rendered
    assert other_value("5m", "a[5m] / b[5m]", "a[9m] / b[8m]") == ""
    assert other_value("5m", "a[1m]", "a[2m]") == ""


def test_hostile_texts_take_no_time() -> None:
    long = "a " * 500_000
    assert retold("{{ .x }}" + long, long, long + "b") == ""
    assert other_value("a", long, long) == ""
