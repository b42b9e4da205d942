"""What is wrong with a YAML text is said without quoting it."""

import pytest
import yaml

from maintainer.model.yaml_problem import yaml_problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\npassword: *hush", "line 2, column 11: found undefined alias <secret>"),
        ("a: 1\npassword: !hush x", "line 2, column 11: could not determine a constructor for the tag <secret>"),
        ("password: !hush!x y", "line 1, column 11: found undefined tag handle <secret>"),
        ("token: hush: hush", "line 1, column 12: mapping values are not allowed here"),
        ("headers: {a: hush", "line 1, column 18: expected ',' or '}', but got '<stream end>'"),
        (
            "subject: * ",
            "line 1, column 11: expected alphabetic or numeric character, but found ' '; "
            "a text that begins with * must be in quotes",
        ),
        ("token: @hush", "line 1, column 8: found character '@' that cannot start any token"),
        ("token: hush\x00", "character 12: special characters are not allowed"),
        ("until: 2026-13-45", "a value of it is not what it looks like, such as a date or a number"),
    ],
)
def test_a_fault_is_named_with_its_place_and_without_the_text(text: str, said: str) -> None:
    with pytest.raises((yaml.YAMLError, ValueError)) as caught:
        yaml.safe_load(text)

    assert isinstance(caught.value, yaml.YAMLError | ValueError)
    assert yaml_problem(caught.value) == said
