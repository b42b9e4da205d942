"""The settings from file, environment and flags, and the place that is named for each mistake."""

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from maintainer.errors import ConfigError
from maintainer.settings import Settings, defaults, load, variables


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "maintainer.yaml"


def loaded(
    file: Path | None = None,
    text: str | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    if file and text is not None:
        file.write_text(text, encoding="utf-8")
    return load(str(file) if file else "", environ or {}, flags or {})


def refused(
    file: Path | None = None,
    text: str | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> list[str]:
    """The lines of the error."""
    with pytest.raises(ConfigError) as caught:
        loaded(file, text, environ, flags)
    return str(caught.value).splitlines()


# Defaults


def test_the_defaults_are_those_of_the_design() -> None:
    settings = loaded()

    assert (settings.cluster.name, settings.cluster.context, settings.cluster.namespaces) == ("", "", ())
    assert settings.controller.model_dump() == {
        "namespace": "argo-rollouts",
        "service": "argo-rollouts-metrics",
        "instance_id": "",
    }
    assert settings.prometheus.model_dump() == {
        "url": "",
        "service": "",
        "public_url": "",
        "matchers": (),
        "replica_labels": (),
        "headers": {},
        "bearer_token_file": "",
        "basic_auth": {"username": "", "password_file": ""},
        "tls": {"ca_file": "", "cert_file": "", "key_file": "", "insecure_skip_verify": False},
        "timeout": 30.0,
        "max_samples_per_run": 50_000_000,
    }
    assert settings.schedule.model_dump() == {
        "time_zone": "Asia/Seoul",
        "daily": "0 6 * * *",
        "monthly": "0 9 1 * *",
        "quarterly": "0 9 1 1,4,7,10 *",
        "semiannual": "0 9 1 1,7 *",
    }
    assert settings.reports.language == "en"
    assert settings.reports.directory == "reports/out"
    assert settings.reports.formats == ("html", "md", "json")
    assert settings.reports.keep == 36
    assert settings.accept == ()
    assert settings.fail_on == "never"
    assert settings.timeout == 900.0
    assert settings.store.model_dump() == {
        "kind": "auto",
        "path": "",
        "namespace": "maintainer",
        "name": "maintainer",
        "keep": {"ledger": 36, "archive": 15},
        "record": False,
        "wait_lock": 0.0,
    }


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "---\n", "{}", "null"], ids=repr)
def test_an_empty_file_sets_nothing(file: Path, text: str) -> None:
    assert loaded(file, text) == loaded()


def test_a_section_whose_keys_are_all_commented_out_sets_nothing(file: Path) -> None:
    assert loaded(file, "cluster:\nprometheus:\n  #url: ''\n  tls:\nfailOn: error\n") == loaded(file, "failOn: error\n")


def test_the_defaults_can_be_written_into_a_file(file: Path) -> None:
    written = defaults()

    assert loaded(file, yaml.safe_dump(dict(written))) == loaded()
    assert (written["timeout"], written["prometheus"]["timeout"]) == ("15m", "30s")


# File < environment < flags


def test_flags_go_before_the_environment_and_that_before_the_file(file: Path) -> None:
    text = "cluster: {name: file, context: file}\nprometheus: {url: 'http://file', timeout: 1m}\nfailOn: error\n"
    environ = {"MAINTAINER_CLUSTER_CONTEXT": "environment", "MAINTAINER_PROMETHEUS_URL": "http://environment"}
    settings = loaded(file, text, environ, {"prometheus.url": "http://flag"})

    assert settings.cluster.name == "file"
    assert settings.cluster.context == "environment"
    assert settings.prometheus.url == "http://flag"
    assert settings.prometheus.timeout == 60
    assert settings.fail_on == "error"


@given(st.lists(st.sampled_from(["file", "environment", "flag"]), unique=True, min_size=1))
def test_a_flag_wins_over_the_environment_and_the_environment_over_the_file(sources: list[str]) -> None:
    environ = {"MAINTAINER_CLUSTER_NAME": "environment"} if "environment" in sources else {}
    flags = {"cluster.name": "flag"} if "flag" in sources else {}
    nearest = next(source for source in ("flag", "environment", "") if source in (*sources, ""))

    assert loaded(environ=environ, flags=flags).cluster.name == nearest


def test_a_list_replaces_a_list(file: Path) -> None:
    settings = loaded(file, "cluster: {namespaces: [a, b]}", {"MAINTAINER_CLUSTER_NAMESPACES": "c"})

    assert settings.cluster.namespaces == ("c",)


# The environment


def leaves(section: type[BaseModel] = Settings) -> list[tuple[str, ...]]:
    """The path of each setting, by its Python names."""
    found: list[tuple[str, ...]] = []
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += [(name, *rest) for rest in leaves(inner)]
        else:
            found.append((name,))
    return found


def variable(path: tuple[str, ...]) -> str:
    """The variable of a setting; ``as`` is a keyword of Python."""
    return "MAINTAINER_" + "_".join(path).upper().removesuffix("_USER" if path[-1] == "as_user" else "")


def test_every_setting_has_its_variable() -> None:
    assert set(variables()) == {variable(path) for path in leaves()}
    assert len(set(variables().values())) == len(variables()) == len(leaves())


VALUES = {
    "MAINTAINER_PROMETHEUS_SERVICE": ("monitoring/prom:9090", "monitoring/prom:9090"),
    "MAINTAINER_ACCEPT": ("[{check: query/error, subject: c, reason: d}]", None),
    "MAINTAINER_PROMETHEUS_MATCHERS": ("""['cluster="a"']""", ('cluster="a"',)),
    "MAINTAINER_PROMETHEUS_HEADERS": ("{X-Scope-OrgID: team}", {"X-Scope-OrgID": "team"}),
    "MAINTAINER_PROMETHEUS_TLS_INSECURE_SKIP_VERIFY": ("true", True),
    "MAINTAINER_PROMETHEUS_TIMEOUT": ("1h30m", 5400.0),
    "MAINTAINER_PROMETHEUS_URL": ("https://prometheus/", "https://prometheus"),
    "MAINTAINER_PROMETHEUS_PUBLIC_URL": ("https://prometheus.example/path/", "https://prometheus.example/path"),
    "MAINTAINER_SCHEDULE_TIME_ZONE": ("Europe/Zurich", "Europe/Zurich"),
    **{
        f"MAINTAINER_SCHEDULE_{job}": ("0 7 * * mon", "0 7 * * mon")
        for job in ("DAILY", "MONTHLY", "QUARTERLY", "SEMIANNUAL")
    },
    "MAINTAINER_REPORTS_LANGUAGE": ("en", "en"),
    "MAINTAINER_REPORTS_FORMATS": ("json", ("json",)),
    "MAINTAINER_CLUSTER_NAMESPACES": ("a, b", ("a", "b")),
    "MAINTAINER_PROMETHEUS_REPLICA_LABELS": ("[replica]", ("replica",)),
    "MAINTAINER_FAIL_ON": ("warning", "warning"),
    "MAINTAINER_PROMETHEUS_MAX_SAMPLES_PER_RUN": ("1000", 1000),
    "MAINTAINER_TIMEOUT": ("20m", 1200.0),
    "MAINTAINER_GRAFANA_DASHBOARDS": ("a/b, c/d", ("a/b", "c/d")),
    "MAINTAINER_DESIRED_HELM_RELEASES": ("a/b, c/d", ("a/b", "c/d")),
    "MAINTAINER_DESIRED_PATHS": ("/a, b", ("/a", "b")),
    "MAINTAINER_DESIRED_KINDS": ("ConfigMap, Service", ("ConfigMap", "Service")),
    "MAINTAINER_ALERTS_NAMES": ("Rollout*, Other", ("Rollout*", "Other")),
    "MAINTAINER_ALERTS_IMPACT": ("probe_success == 0", "probe_success == 0"),
    "MAINTAINER_ALERTS_HOURS_NIGHT": ("23:00-06:30", "23:00-06:30"),
    "MAINTAINER_ALERTS_HOURS_WORK": ("08:00-24:00", "08:00-24:00"),
    "MAINTAINER_ALERTS_ROUTE_GROUP_BY": ("team, alertname", ("team", "alertname")),
    "MAINTAINER_ALERTS_ROUTE_GROUP_WAIT": ("0s", 0.0),
    "MAINTAINER_ALERTS_ROUTE_GROUP_INTERVAL": ("1m", 60.0),
    "MAINTAINER_ALERTS_ROUTE_REPEAT_INTERVAL": ("12h", 43200.0),
    "MAINTAINER_ALERTS_SHORT_FOR": ("1m", 60.0),
    "MAINTAINER_ALERTS_THRESHOLDS": (
        "{transient: 2m, flappingCount: 4, chronic: 0.9}",
        {"transient": 120_000, "flapping_count": 4, "chronic": 0.9},
    ),
    "MAINTAINER_RECONCILE_MODE": ("apply", "apply"),
    "MAINTAINER_RECONCILE_RETENTION": ("apply", "apply"),
    "MAINTAINER_RECONCILE_YES_DELETE_DATA": ("true", True),
    "MAINTAINER_RECONCILE_PRUNE": ("true", True),
    "MAINTAINER_RECONCILE_WAIT": ("2m", 120.0),
    "MAINTAINER_ALERTMANAGER_URL": ("https://alertmanager/", "https://alertmanager"),
    "MAINTAINER_RULER_URL": ("http://vmalert:8880/", "http://vmalert:8880"),
    "MAINTAINER_GRAFANA_URL": ("https://grafana/", "https://grafana"),
    "MAINTAINER_LOG_FORMAT": ("json", "json"),
    "MAINTAINER_LOG_LEVEL": ("quiet", "quiet"),
    "MAINTAINER_METRICS_TEXTFILE": ("/textfiles/maintainer.prom", "/textfiles/maintainer.prom"),
    "MAINTAINER_METRICS_PUSHGATEWAY": ("http://push:9091/", "http://push:9091"),
    "MAINTAINER_COLOR": ("never", "never"),
    "MAINTAINER_STORAGE_DISK_SIZE": ("50Gi", "50Gi"),
    "MAINTAINER_STORAGE_SIZES": ("45GB, 90GB", ("45GB", "90GB")),
    "MAINTAINER_STORAGE_PRICE": ("0.08", 0.08),
    "MAINTAINER_STORE_KIND": ("configmaps", "configmaps"),
    "MAINTAINER_REPORTS_KEEP": ("24", 24),
    "MAINTAINER_STORE_KEEP_LEDGER": ("24", 24),
    "MAINTAINER_STORE_KEEP_ARCHIVE": ("24", 24),
    "MAINTAINER_STORE_RECORD": ("true", True),
    "MAINTAINER_STORE_WAIT_LOCK": ("5m", 300.0),
    "MAINTAINER_REPORTS_PUBLIC_URL": ("https://reports.example/", "https://reports.example"),
    "MAINTAINER_SLACK_POST": ("true", True),
    "MAINTAINER_SLACK_WHEN": ("changes", "changes"),
    "MAINTAINER_SLACK_DAILY": ("accuracy/*, pipeline/emitter", ("accuracy/*", "pipeline/emitter")),
    "MAINTAINER_SLACK_BASE_URL": ("https://slack.example/api/", "https://slack.example/api"),
    "MAINTAINER_SERVE_LISTEN": ("127.0.0.1:9000", "127.0.0.1:9000"),
    "MAINTAINER_CHECKS": ("accuracy/*, panel/value", ("accuracy/*", "panel/value")),
}


@pytest.mark.parametrize("path", leaves(), ids=".".join)
def test_every_variable_sets_its_setting(path: tuple[str, ...]) -> None:
    name = variable(path)
    text, value = VALUES.get(name, ("some text", "some text"))
    settings: Any = loaded(environ={name: text})
    for part in path:
        settings = getattr(settings, part)

    assert settings == value or (value is None and settings[0].reason == "d")


@pytest.mark.parametrize(
    "name",
    [
        "MAINTAINER_CLUSTER_NAME",
        "MAINTAINER_CLUSTER_CONTEXT",
        "MAINTAINER_CLUSTER_NAMESPACES",
        "MAINTAINER_CONTROLLER_NAMESPACE",
        "MAINTAINER_CONTROLLER_SERVICE",
        "MAINTAINER_CONTROLLER_INSTANCE_ID",
        "MAINTAINER_PROMETHEUS_URL",
        "MAINTAINER_PROMETHEUS_SERVICE",
        "MAINTAINER_RULER_URL",
        "MAINTAINER_PROMETHEUS_PUBLIC_URL",
        "MAINTAINER_PROMETHEUS_MATCHERS",
        "MAINTAINER_PROMETHEUS_REPLICA_LABELS",
        "MAINTAINER_PROMETHEUS_HEADERS",
        "MAINTAINER_PROMETHEUS_BEARER_TOKEN_FILE",
        "MAINTAINER_PROMETHEUS_BASIC_AUTH_USERNAME",
        "MAINTAINER_PROMETHEUS_BASIC_AUTH_PASSWORD_FILE",
        "MAINTAINER_PROMETHEUS_TLS_CA_FILE",
        "MAINTAINER_PROMETHEUS_TLS_CERT_FILE",
        "MAINTAINER_PROMETHEUS_TLS_KEY_FILE",
        "MAINTAINER_PROMETHEUS_TLS_INSECURE_SKIP_VERIFY",
        "MAINTAINER_PROMETHEUS_TIMEOUT",
        "MAINTAINER_ALERTMANAGER_URL",
        "MAINTAINER_SCHEDULE_TIME_ZONE",
        "MAINTAINER_REPORTS_LANGUAGE",
        "MAINTAINER_REPORTS_DIRECTORY",
        "MAINTAINER_REPORTS_FORMATS",
        "MAINTAINER_REPORTS_DOCS_URL",
        "MAINTAINER_ACCEPT",
        "MAINTAINER_FAIL_ON",
        "MAINTAINER_CLUSTER_KUBECONFIG",
        "MAINTAINER_CLUSTER_AS",
        "MAINTAINER_LOG_FORMAT",
        "MAINTAINER_LOG_LEVEL",
        "MAINTAINER_COLOR",
        "MAINTAINER_CHECKS",
        "MAINTAINER_STORE_KIND",
        "MAINTAINER_STORE_PATH",
        "MAINTAINER_STORE_NAMESPACE",
        "MAINTAINER_STORE_NAME",
        "MAINTAINER_STORE_KEEP_LEDGER",
        "MAINTAINER_STORE_KEEP_ARCHIVE",
        "MAINTAINER_STORE_RECORD",
        "MAINTAINER_STORE_WAIT_LOCK",
    ],
)
def test_the_names_of_the_variables_never_change(name: str) -> None:
    assert name in variables()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("a,b", ("a", "b"), id="commas"),
        pytest.param(" a , b ,", ("a", "b"), id="commas and blanks"),
        pytest.param("[a, b]", ("a", "b"), id="YAML"),
        pytest.param('["a", "b"]', ("a", "b"), id="JSON"),
        pytest.param("a", ("a",), id="key"),
        pytest.param("", (), id="none"),
        pytest.param("[]", (), id="none, in YAML"),
    ],
)
def test_a_list_in_the_environment(text: str, names: tuple[str, ...]) -> None:
    assert loaded(environ={"MAINTAINER_CLUSTER_NAMESPACES": text}).cluster.namespaces == names


def test_a_list_of_maps_in_the_environment() -> None:
    text = "[{check: query/error, subject: Rollout/a/b, reason: known, until: 2027-01-31}]"
    (accepted,) = loaded(environ={"MAINTAINER_ACCEPT": text}).accept

    assert (accepted.check, accepted.subject, accepted.reason, accepted.until) == (
        "query/error",
        "Rollout/a/b",
        "known",
        date(2027, 1, 31),
    )


def test_other_variables_are_other_programs() -> None:
    assert loaded(environ={"HOME": "/root", "PROMETHEUS_URL": "x", "MAINTAINER_CONFIG": "f"}) == loaded()


@pytest.mark.parametrize("text", ["[{", "[a, b", "{a: b", "[a]]"])
def test_a_variable_that_is_not_yaml_is_named(text: str) -> None:
    (first, *_) = refused(environ={"MAINTAINER_CLUSTER_NAMESPACES": text})

    assert "MAINTAINER_CLUSTER_NAMESPACES" in first


# Mistakes


@pytest.mark.parametrize(
    ("text", "line", "key", "meant"),
    [
        pytest.param("prometeus: {url: x}\n", 1, "prometeus", "prometheus", id="a section"),
        pytest.param("prometheus:\n\n  publicURL: x\n", 3, "prometheus.publicURL", "prometheus.publicUrl", id="key"),
        pytest.param("prometheus:\n  public_url: x\n", 2, "prometheus.public_url", "prometheus.publicUrl", id="snake"),
        pytest.param("prometheus: {tls: {caFil: x}}\n", 1, "prometheus.tls.caFil", "prometheus.tls.caFile", id="deep"),
        pytest.param("\n\nfail_on: error\n", 3, "fail_on", "failOn", id="at the top"),
        pytest.param("cluster:\n  name: a\n  namespace: [b]\n", 3, "cluster.namespace", "cluster.namespaces", id="key"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named_with_its_line_and_what_was_meant(
    file: Path, text: str, line: int, key: str, meant: str
) -> None:
    assert refused(file, text) == [f"{file}, line {line}: unknown key {key}; did you mean {meant}?"]


def test_where_nothing_is_near_the_known_keys_are_named(file: Path) -> None:
    (line,) = refused(file, "cluster: {xyzzy: 1}\n")

    assert line.startswith(f"{file}, line 1: unknown key cluster.xyzzy; ")
    assert {"cluster.context", "cluster.name", "cluster.namespaces"} <= set(re.findall(r"[\w.]+", line))


def test_an_unknown_key_of_an_accepted_finding_gets_a_suggestion(file: Path) -> None:
    (line,) = refused(file, "accept:\n  - check: query/error\n    subject: c\n    reason: d\n    untill: 2027-01-31\n")

    assert line.startswith(f"{file}, line 5: unknown key accept.0.untill")
    assert "known here are none" not in line
    assert "until" in line.removeprefix(f"{file}, line 5: unknown key accept.0.untill")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        pytest.param("cluster:\n  name: [a]\n", 2, "cluster.name", id="a list for a text"),
        pytest.param("cluster:\n  name: a\n  namespaces: {a: b}\n", 3, "cluster.namespaces", id="a map for a list"),
        pytest.param("cluster:\n  namespaces:\n    - a\n    - [b]\n", 4, "cluster.namespaces.1", id="in a list"),
        pytest.param("\nprometheus: http://x\n", 2, "prometheus", id="a text for a section"),
        pytest.param("prometheus:\n  timeout: soon\n", 2, "prometheus.timeout", id="no duration"),
        pytest.param("prometheus:\n  timeout: 30\n", 2, "prometheus.timeout", id="a number for a duration"),
        pytest.param("prometheus:\n  timeout: 0s\n", 2, "prometheus.timeout", id="no time at all"),
        pytest.param("prometheus:\n  url: prometheus:9090\n", 2, "prometheus.url", id="no URL"),
        pytest.param("prometheus:\n  service: prometheus:9090\n", 2, "prometheus.service", id="no namespace"),
        pytest.param("prometheus:\n  service: http://prom.svc\n", 2, "prometheus.service", id="no Service"),
        pytest.param("prometheus:\n  url: http:///x\n", 2, "prometheus.url", id="no host"),
        pytest.param("prometheus:\n  matchers:\n    - cluster=a\n", 3, "prometheus.matchers.0", id="no matcher"),
        pytest.param("prometheus:\n  matchers:\n    - 'a=\"b\",c=\"d\"'\n", 3, "prometheus.matchers.0", id="two"),
        pytest.param("prometheus: {tls: {insecureSkipVerify: x}}", 1, "prometheus.tls.insecureSkipVerify", id="truth"),
        pytest.param("prometheus:\n  headers:\n    X-Id: [1]\n", 3, "prometheus.headers.X-Id", id="no header"),
        pytest.param("schedule:\n  timeZone: Asia/Soul\n", 2, "schedule.timeZone", id="no time zone"),
        pytest.param("schedule: {timeZone: ../etc/passwd}\n", 1, "schedule.timeZone", id="a path for a time zone"),
        pytest.param("schedule:\n  daily: 0 6 * * 1\n", 2, "schedule.daily", id="a number of a weekday"),
        pytest.param("schedule: {monthly: '@monthly'}", 1, "schedule.monthly", id="a word for a schedule"),
        pytest.param("reports:\n  formats: [html, pdf]\n", 2, "reports.formats.1", id="no format"),
        pytest.param("reports:\n  language: fr\n", 2, "reports.language", id="no language"),
        pytest.param("failOn: info\n", 1, "failOn", id="no severity"),
        pytest.param("accept:\n  - check: query/error\n    subject: c\n", 2, "accept.0.reason", id="no reason"),
        pytest.param("accept: [{check: panel/value, subject: b, reason: ''}]", 1, "accept.0.reason", id="empty reason"),
        pytest.param("accept: [{check: panel/value, subject: b, reason: c, until: x}]", 1, "accept.0.until", id="date"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_line(file: Path, text: str, line: int, key: str) -> None:
    (said,) = refused(file, text)

    assert said.startswith(f"{file}, line {line}: {key}: ")


def test_a_day_that_does_not_exist_is_a_wrong_value(file: Path) -> None:
    (said, *_) = refused(file, "accept:\n  - {check: query/error, subject: b, reason: c, until: 2027-02-30}\n")

    assert str(file) in said


def test_a_key_that_stands_twice_is_refused(file: Path) -> None:
    assert refused(file, "failOn: error\ncluster: {name: a}\nfailOn: never\n") == [
        f"{file}, line 3: failOn stands twice, first in line 1"
    ]


def test_every_mistake_is_named_at_once(file: Path) -> None:
    said = refused(file, "failOn: x\ncluster: {nam: a}\nprometheus:\n  timeout: y\n")

    assert sorted(problem.partition(": ")[0] for problem in said) == [f"{file}, line {line}" for line in (1, 2, 4)]


def test_a_wrong_variable_is_named() -> None:
    (said,) = refused(environ={"MAINTAINER_PROMETHEUS_TIMEOUT": "soon"})

    assert said.startswith("the environment variable MAINTAINER_PROMETHEUS_TIMEOUT: prometheus.timeout: 'soon' is not")


def test_a_wrong_option_is_named() -> None:
    (said,) = refused(flags={"failOn": "sometimes"})

    assert said == "the option --fail-on: failOn: must be 'error', 'warning' or 'never'"


def test_a_wrong_variable_over_a_right_file_is_blamed_on_the_variable(file: Path) -> None:
    (said,) = refused(file, "failOn: error\n", {"MAINTAINER_FAIL_ON": "x"})

    assert said.startswith("the environment variable MAINTAINER_FAIL_ON: ")


def test_a_wrong_list_item_over_a_right_file_is_blamed_on_the_variable(file: Path) -> None:
    text = "prometheus:\n  matchers: ['cluster=\"a\"']\n"
    (said,) = refused(file, text, {"MAINTAINER_PROMETHEUS_MATCHERS": "[nonsense]"})

    assert said.startswith("the environment variable MAINTAINER_PROMETHEUS_MATCHERS: prometheus.matchers.0: ")


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hush@prometheus",
        "http://user:hu/sh@prometheus",
        "http://user:12/hush@prometheus",
        "http://prometheus?token=hush",
        "http://prometheus#hush",
        "hush@prometheus",
    ],
)
@pytest.mark.parametrize(
    "key", ["prometheus.url", "prometheus.publicUrl", "ruler.url", "grafana.url", "alertmanager.url", "reports.docsUrl"]
)
def test_a_url_that_may_hold_a_secret_is_refused_without_being_shown(file: Path, key: str, url: str) -> None:
    section, name = key.split(".")
    (said,) = refused(file, f'{section}: {{{name}: "{url}"}}')

    assert said.startswith(f"{file}, line 1: {key}: ")
    assert "hu" not in said.replace("must hold", "")


def test_what_is_no_url_is_refused_without_being_shown(file: Path) -> None:
    """Its end may have been lost, as that of a password with a # in YAML."""
    (said,) = refused(file, "prometheus:\n  url: http://user:hush #@prometheus\n")

    assert said == f"{file}, line 2: prometheus.url: this is no URL; write it as http://prometheus.monitoring.svc:9090"


@pytest.mark.parametrize("value", ["-----BEGIN KEY-----", "a\\nhush", "Bearer hush"])
@pytest.mark.parametrize("key", ["bearerTokenFile", "tls.keyFile"])
def test_a_secret_in_the_place_of_its_file_is_refused_without_being_shown(file: Path, key: str, value: str) -> None:
    section, _, name = key.rpartition(".")
    setting = f'{{{section}: {{{name}: "{value}"}}}}' if section else f'{{{name}: "{value}"}}'
    (said,) = refused(file, f"prometheus: {setting}")

    assert said == f"{file}, line 1: prometheus.{key}: this takes the path of a file, not what is in it"


def test_a_url_in_the_place_of_another_value_is_refused_without_its_password(file: Path) -> None:
    (said,) = refused(file, "prometheus: {service: 'http://user:hu/sh@prometheus'}")

    assert "'http://<secret>@prometheus' names no Service" in said


def test_a_file_that_is_not_yaml_is_refused_without_what_stands_in_it(file: Path) -> None:
    (said,) = refused(file, "prometheus:\n  headers: {Authorization: Bearer hush: x}\n")

    assert said == f"{file} is not YAML: line 2, column 39: expected ',' or '}}', but got ':'"


def test_a_section_that_is_a_text_stays_wrong_beside_the_environment(file: Path) -> None:
    (said,) = refused(file, "prometheus: http://x\n", {"MAINTAINER_PROMETHEUS_TIMEOUT": "30s"})

    assert said.startswith(f"{file}, line 1: prometheus: ")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just a text\n", "17\n", "[]\n", "false\n"], ids=repr)
def test_a_file_without_keys_is_refused(file: Path, text: str) -> None:
    (said,) = refused(file, text)

    assert said.startswith(f"{file} must hold keys and values")


@pytest.mark.parametrize(
    "text", ["a: [b\n", "a: b: c\n", "\ta: b\n", "a: *b\n", "a: !python/object:x {}\n", "? [a]\n: b\n"]
)
def test_a_file_that_is_not_yaml_is_refused_with_its_place(file: Path, text: str) -> None:
    said = " ".join(refused(file, text))

    assert said.startswith(f"{file} is not YAML: ")
    assert "line " in said


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(
            "accept: " + "[" * 100_000, "line 1: not YAML or JSON that can be read: nested too deeply", id="["
        ),
        pytest.param("\naccept: " + "{a: " * 5_000, "line 2: not YAML or JSON that can be read: nested", id="{"),
        pytest.param("accept: &a\n- *a", "line 2: not YAML that can be read: aliases nested too deep", id="alias"),
        pytest.param(LAUGHS, "line 6: not YAML that can be read: aliases nested too deep", id="aliases of aliases"),
        pytest.param(MERGES, "line 6: not YAML that can be read: aliases nested too deep", id="merges of merges"),
    ],
)
def test_settings_that_are_huge_or_deep_are_refused_with_their_line(file: Path, text: str, place: str) -> None:
    (said,) = refused(file, text)
    assert said.startswith(f"{file}, {place}")


def test_a_variable_that_is_deep_is_refused_with_its_name(file: Path) -> None:
    (said,) = refused(file, "", {"MAINTAINER_ACCEPT": "[" * 100_000})
    assert said.startswith("the environment variable MAINTAINER_ACCEPT, line 1: ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    (said,) = refused(missing)

    assert said.startswith(f"cannot read the configuration {missing}: ")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (said,) = refused(tmp_path)

    assert said.startswith(f"cannot read the configuration {tmp_path}: ")


@pytest.mark.parametrize("path", ["/dev/zero", "a" * 300, "pipe"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, path: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (said,) = refused(tmp_path / path)

    assert said.startswith(f"cannot read the configuration {tmp_path / path}: ")


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    file.write_bytes(b"cluster: {name: \xff\xfe}\n")
    (said,) = refused(file)

    assert said.startswith(f"cannot read the configuration {file}: ")


# Values


@pytest.mark.parametrize(("text", "value"), [("30s", 30.0), ("1m", 60.0), ("1h30m", 5400.0), ("500ms", 0.5)], ids=str)
def test_durations_are_read_as_prometheus_reads_them(file: Path, text: str, value: float) -> None:
    assert loaded(file, f"prometheus: {{timeout: {text}}}").prometheus.timeout == value


@pytest.mark.parametrize(
    "matcher", ['cluster="a"', 'a!="b"', 'a=~"b|c"', 'a!~"b"', 'a = "b"', r'a="\"quoted\""', 'a=""', 'a="b,c"']
)
def test_a_matcher_is_taken_as_it_is(matcher: str) -> None:
    assert loaded(flags={"prometheus.matchers": [matcher]}).prometheus.matchers == (matcher,)


@pytest.mark.parametrize(
    "matcher", ["a", "a=b", "a='b'", 'a=="b"', '1a="b"', 'a="b', 'a="b""', '{a="b"}', 'a="\\"', ""]
)
def test_what_is_no_matcher_is_refused(matcher: str) -> None:
    (said,) = refused(flags={"prometheus.matchers": [matcher]})

    assert """is no label matcher; write it as cluster="a\"""" in said


@pytest.mark.parametrize("matcher", ['a=~"("', 'a!~"(?=x)"', r'a="\q"', 'a=~"x{1000}{1000}"'])
def test_a_matcher_that_prometheus_would_refuse_is_refused(matcher: str) -> None:
    (said,) = refused(flags={"prometheus.matchers": [matcher]})

    assert "is no regular expression, or has a wrong escape" in said


def test_a_textfile_that_the_node_exporter_would_not_read_is_refused() -> None:
    (said,) = refused(flags={"metrics.textfile": "/textfiles/maintainer.txt"})

    assert "the node exporter reads only files that end with .prom; write it as /var/lib/" in said


def test_a_password_in_the_url_of_a_pushgateway_is_refused_and_not_shown() -> None:
    (said,) = refused(flags={"metrics.pushgateway": "http://me:hush@push:9091"})

    assert "those of a Pushgateway into metrics.basicAuth" in said
    assert "hush" not in said


def test_settings_are_frozen() -> None:
    settings = loaded()

    with pytest.raises(ValidationError, match="frozen"):
        settings.fail_on = "error"
    with pytest.raises(ValidationError, match="frozen"):
        settings.prometheus.url = "http://x"
    with pytest.raises(ValidationError, match="frozen"):
        settings.prometheus.basic_auth.username = "x"


def test_an_unknown_check_that_is_accepted_is_refused_with_its_line_and_a_suggestion(file: Path) -> None:
    text = "accept:\n  - {check: coverage/ghots, subject: Rollout/shop/cart, reason: known}\n"

    assert refused(file, text) == [
        f"{file}, line 2: accept.0.check: no check is 'coverage/ghots'; did you mean coverage/ghost?"
    ]
    assert refused(file, text.replace("coverage/ghots", "zzz")) == [
        f"{file}, line 2: accept.0.check: no check is 'zzz'; maintainer explain lists all"
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{transientt: 5m}", "did you mean transient?"),
        ("{transient: 5}", "'5' is not a duration"),
        ("{chronic: 80%}", "'80%' is no share; write it as 0.8"),
        ("{flappingCount: 0}", "must be a whole number above 0"),
        ("[transient]", "this takes names and values"),
    ],
)
def test_a_threshold_is_checked_by_its_kind(given: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        loaded(environ={"MAINTAINER_ALERTS_THRESHOLDS": given})


@pytest.mark.parametrize("span", ["22-7", "22:00-25:00", "9:00-18:00", "24:00-07:00"])
def test_a_span_of_a_day_is_written_with_hours_and_minutes(span: str) -> None:
    with pytest.raises(ConfigError, match="write it as 22:00-07:00"):
        loaded(environ={"MAINTAINER_ALERTS_HOURS_NIGHT": span})
