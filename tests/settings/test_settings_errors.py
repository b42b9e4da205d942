"""The errors of the settings are in our words, whatever is wrong, and say how a value is written."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from maintainer.analyse.sampling import SAMPLED
from maintainer.errors import ConfigError
from maintainer.settings import Settings, load, variables
from maintainer.settings_errors import EXAMPLES, FORMS, unknown_variables
from maintainer.settings_jobs import AcceptSettings

OF_A_LIBRARY = re.compile(
    r"Input should|[Vv]alue error|valid |unable to|Field required|at least|pydantic|Errno|got ", re.A
)
ACCEPTED = {"check": "query/error", "subject": "panel/a", "reason": "known", "until": "2027-01-31"}
WRONG: tuple[Any, ...] = (
    5, -1, 5.5, float("nan"), True, None, "", "no such", "a\nb", [], [1], [[]], [None], {}, {"a": 1}, {"a": {}}, {1: 2},
    date(2027, 1, 31), b"bytes", "2027-02-30", "x" * 1000, [["a"]],
)  # fmt: skip


def keys(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """The dotted key of each section and each setting."""
    for name, field in section.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, f"{key}.")


def with_value(key: str, value: Any) -> dict[str, Any]:
    """The settings in which a key has this value."""
    if key.startswith("accept."):
        return {"accept": [{**ACCEPTED, key.removeprefix("accept."): value}]}
    section, _, rest = key.partition(".")
    return {section: with_value(rest, value) if rest else value}


ALL = [*keys(), *keys(AcceptSettings, "accept.")]


def test_every_setting_and_every_section_has_an_example_that_is_right() -> None:
    assert set(EXAMPLES) == set(ALL)
    for key, example in EXAMPLES.items():
        Settings.model_validate(with_value(key, yaml.safe_load(example) if example[0] in "[{t" else example))


@pytest.mark.parametrize("key", ALL)
def test_every_wrong_value_is_told_of_in_our_words(key: str) -> None:
    for value in WRONG:
        problems: list[Any] = []
        try:
            Settings.model_validate(with_value(key, value))
        except ValidationError as error:
            problems = error.errors()
        assert {problem["type"] for problem in problems} <= {*FORMS, "extra_forbidden"}, value


def refused(name: str, text: str) -> str:
    """The error of a variable with this text, "" if it is right."""
    try:
        load("", {name: text}, {})
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", variables())
def test_a_wrong_variable_gets_our_sentence(name: str) -> None:
    for text in ("no such", "[1]", "[[a]]", "{a: 1}", "{a: {b: c}}", "", "2027-01-31", "[{}]", "[null]"):
        said = refused(name, text)
        assert not OF_A_LIBRARY.search(said)
        assert not said or said.startswith(f"the environment variable {name}: ")


SKIP_VERIFY = "prometheus.tls.insecureSkipVerify"
PROMETHEUS = "{url: http://prometheus.monitoring.svc:9090}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cluster: {name: 5}", "cluster.name: must be a text (a number or a date in quotes), such as management"),
        ("prometheus: {tls: {insecureSkipVerify: x}}", f"{SKIP_VERIFY}: must be true or false, such as true"),
        ("prometheus: http://x", f"prometheus: must be a section with keys below it, such as {PROMETHEUS}"),
        ("cluster: {namespaces: {a: b}}", "cluster.namespaces: must be a list, such as [shop, bank]"),
        ("cluster: {namespaces: [Shop]}", "cluster.namespaces.0: 'Shop' is no name of a namespace; write it as shop"),
        ("checks: accuracy", "checks.0: no check is 'accuracy'; did you mean accuracy/*?"),
        ("checks: 'acuracy/*'", "checks.0: no check is 'acuracy/*'; did you mean accuracy/*?"),
        ("slack: {daily: [stale]}", "slack.daily.0: no check is 'stale'; maintainer explain lists all"),
        (
            "slack: {daily: panel/value}",
            f"slack.daily.0: the daily sample does not run 'panel/value'; it runs {', '.join(sorted(SAMPLED))}",
        ),
        ("reports: {formats: []}", "reports.formats: must not be empty, such as [html, json]"),
        ("accept: [{subject: a, reason: b}]", "accept.0.check: is missing, such as coverage/ghost"),
        (
            "accept: [{check: query/error, subject: a, reason: b, until: x}]",
            "accept.0.until: must be a day, such as 2027-01-31",
        ),
    ],
)
def test_a_mistake_is_told_with_how_it_is_written(text: str, said: str) -> None:
    section, _, value = text.partition(": ")
    with pytest.raises(ConfigError) as caught:
        load("", {}, {section: yaml.safe_load(value)})

    assert str(caught.value).partition(": ")[2] == said


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("json", "did you mean --format json?"),
        ("HTML", "did you mean --format html?"),
        ("markdown", "did you mean --format md?"),
        ("wide", "--format knows html, md and json."),
        ("jsonpath={.x}", "--format knows html, md and json."),
    ],
)
def test_a_format_in_the_place_of_a_folder_is_refused(name: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("", {}, {"reports.directory": name})

    assert str(caught.value) == (
        f"the option --output: reports.directory: {name!r} is a format, and this takes a folder; {hint} "
        f"For a folder of this name, type ./{name}"
    )


def test_a_folder_with_the_name_of_a_format_can_be_given_with_its_path() -> None:
    assert load("", {}, {"reports.directory": "./json"}).reports.directory == "./json"


# Variables that are no settings


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("MAINTAINER_PROMETHEUS_URI", "did you mean MAINTAINER_PROMETHEUS_URL?"),
        ("MAINTAINER_FAILON", "did you mean MAINTAINER_FAIL_ON?"),
        ("MAINTAINER_RULER_TOKEN", "known are MAINTAINER_RULER_URL"),
        ("MAINTAINER_CONFG", "did you mean MAINTAINER_CONFIG?"),
    ],
)
def test_a_variable_that_looks_like_a_setting_is_warned_of(name: str, hint: str) -> None:
    (said,) = unknown_variables([name, "PATH"], [*variables(), "MAINTAINER_CONFIG"])

    assert said == f"the environment variable {name} is no setting and is ignored; {hint}"


@pytest.mark.parametrize(
    "name",
    [
        "MAINTAINER_SERVICE_HOST",
        "MAINTAINER_SERVICE_PORT",
        "MAINTAINER_SERVICE_PORT_HTTP",
        "MAINTAINER_PORT",
        "MAINTAINER_PORT_8080_TCP",
        "MAINTAINER_PORT_8080_TCP_ADDR",
        "MAINTAINER_PORT_53_UDP_PROTO",
        "MAINTAINER_PROMETHEUS_SERVICE_HOST",
        "MAINTAINER_PROMETHEUS_PORT_9090_TCP_PORT",
        "MAINTAINER_EMAIL",
        "MAINTAINER",
        "MAINTAINER_PROMETHEUS_SERVICE",
    ],
)
def test_other_variables_and_those_of_kubernetes_are_not_warned_of(name: str) -> None:
    assert list(unknown_variables([name], variables())) == []
