"""One frozen Settings, read once from file < environment < flags, every value checked.

Keys are camelCase in ``maintainer.yaml``; ``prometheus.publicUrl`` is ``MAINTAINER_PROMETHEUS_PUBLIC_URL`` in the
environment, where lists and maps are written as YAML. Durations are written as in Prometheus.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from maintainer.errors import ConfigError
from maintainer.model.duration import seconds

PREFIX = "MAINTAINER_"


def _duration(value: object) -> float:
    return seconds(str(value))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write it as Asia/Seoul") from error
    return value


def _url(value: str) -> str:
    if "@" in value.partition("//")[2].partition("/")[0]:
        raise ValueError("a URL must not hold a name or password; those of Prometheus go into prometheus.basicAuth")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", value)
    except ValueError:
        usable = False
    if value and not usable:
        raise ValueError(f"{value!r} is no URL; write it as http://prometheus.monitoring.svc:9090")
    return value.rstrip("/")


def _matcher(value: str) -> str:
    if not re.fullmatch(r'[a-zA-Z_]\w*\s*(=|!=|=~|!~)\s*"(\\.|[^"\\])*"', value):
        raise ValueError(f"""{value!r} is no label matcher; write it as cluster="a" """.strip())
    return value


def _object(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9.-]+/[a-z0-9.-]+", value):
        raise ValueError(f"{value!r} names no object; write it as monitoring/grafana-dashboard-argo-rollouts")
    return value


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Url = Annotated[str, AfterValidator(_url)]
Duration = Annotated[float, BeforeValidator(_duration), Field(gt=0)]
Format = Literal["html", "md", "json"]
FailOn = Literal["error", "warning", "never"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False)


class ClusterSettings(_Section):
    """Which cluster; ``context`` "" is the current one, ``namespaces`` () is all."""

    name: str = ""
    context: str = ""
    namespaces: Names = ()


class ControllerSettings(_Section):
    """The Argo Rollouts controller whose metrics are held against the API."""

    namespace: str = "argo-rollouts"
    service: str = "argo-rollouts-metrics"
    instance_id: str = ""


class BasicAuth(_Section):
    """HTTP basic authentication, the password in a file."""

    username: str = ""
    password_file: str = ""


class TlsSettings(_Section):
    """Whom to trust and who we are; files in PEM."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    insecure_skip_verify: bool = False


class PrometheusSettings(_Section):
    """Where Prometheus is and how to be let in; ``url`` "" is: find it in the cluster."""

    url: Url = ""
    public_url: Url = ""
    matchers: tuple[Annotated[str, AfterValidator(_matcher)], ...] = ()
    replica_labels: Names = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    bearer_token_file: str = ""
    basic_auth: BasicAuth = BasicAuth()
    tls: TlsSettings = TlsSettings()
    timeout: Duration = 30.0


class GrafanaSettings(_Section):
    """Where the dashboards are: ConfigMaps as ``namespace/name``, and Grafana itself; ``url`` "" is not asked."""

    dashboards: Annotated[tuple[Annotated[str, AfterValidator(_object)], ...], BeforeValidator(_listed)] = (
        "monitoring/grafana-dashboard-argo-rollouts",
    )
    url: Url = ""
    token_file: str = ""


class AlertmanagerSettings(_Section):
    """Where Alertmanager is; ``url`` "" is: where Prometheus sends its alerts."""

    url: Url = ""


class ScheduleSettings(_Section):
    """The calendar's time zone."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Seoul"


class ReportSettings(_Section):
    """What becomes of a report."""

    language: Literal["en"] = "en"
    directory: str = "reports/out"
    formats: Annotated[tuple[Format, ...], BeforeValidator(_listed), Field(min_length=1)] = get_args(Format)
    docs_url: str = ""


class AcceptSettings(_Section):
    """A finding that somebody decided to live with."""

    check: str
    subject: str
    reason: str = Field(min_length=1)
    until: date | None = None


class Settings(_Section):
    """Everything that can be set."""

    cluster: ClusterSettings = ClusterSettings()
    controller: ControllerSettings = ControllerSettings()
    prometheus: PrometheusSettings = PrometheusSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    alertmanager: AlertmanagerSettings = AlertmanagerSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    reports: ReportSettings = ReportSettings()
    accept: tuple[AcceptSettings, ...] = ()
    fail_on: FailOn = "never"


def load(path: str, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """The settings from a file ("" is none), the environment and flags such as ``{"prometheus.url": "…"}``.

    Raises :class:`ConfigError` that names each wrong key with where it stands.
    """
    text = _read(path) if path else ""
    values, lines = _parsed(path, text)
    origins = {where: f"{path}, line {line}" for where, line in lines.items()}
    given = {where: (value, f"the environment variable {name}") for name, where, value in _from(environ)}
    given |= {where: (value, f"the option for {where}") for where, value in flags.items()}
    for where, (value, origin) in given.items():
        _put(values, where, value)
        origins = {path: one for path, one in origins.items() if not path.startswith(f"{where}.")}
        origins[where] = origin
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError("\n".join(_explained(error, origins))) from None


def variables() -> Mapping[str, str]:
    """Every environment variable and the setting that it sets."""
    return {
        PREFIX + re.sub(r"(?<=[a-z])([A-Z])", r"_\1", where).replace(".", "_").upper(): where for where in _leaves()
    }


def _leaves(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        where = f"{prefix}{field.alias or name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _leaves(field.annotation, f"{where}.")
        else:
            yield where


def _from(environ: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    for name, where in variables().items():
        if name in environ:
            text = environ[name]
            yield name, where, _value(name, text) if text[:1] in {"[", "{"} else text


def _value(name: str, text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        # The variable may hold a secret, and the parser's own words would repeat it.
        raise ConfigError(f"the environment variable {name} is not YAML") from error


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error


def _parsed(path: str, text: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = {} if root is None else yaml.safe_load(text)
        values = {} if values is None else values
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold keys and values, such as prometheus: {{url: …}}")
    lines: dict[str, int] = {}
    for where, line in _lines(root, ""):
        if where in lines:
            raise ConfigError(f"{path}, line {line}: {where} stands twice, first in line {lines[where]}")
        lines[where] = line
    return values, lines


def _lines(node: yaml.Node | None, where: str) -> Iterator[tuple[str, int]]:
    """The line of each key and list item, counted from 1, by its dotted path."""
    children: Iterator[tuple[str, yaml.Node, yaml.Node]] = iter(())
    if isinstance(node, yaml.MappingNode):
        children = ((key.value, key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        children = ((str(index), value, value) for index, value in enumerate(node.value))
    for name, key, value in children:
        path = f"{where}.{name}" if where else name
        yield path, key.start_mark.line + 1
        yield from _lines(value, path)


def _put(values: dict[str, Any], where: str, value: Any) -> None:
    *sections, last = where.split(".")
    for section in sections:
        inner = values.get(section) or {}
        if not isinstance(inner, dict):
            return  # what stands there is wrong, and is said to be when it is checked
        values[section] = dict(inner)
        values = values[section]
    values[last] = value


def _explained(error: ValidationError, origins: Mapping[str, str]) -> Iterator[str]:
    for one in error.errors(include_url=False):
        where = ".".join(map(str, one["loc"]))
        origin = next((origins[path] for path in _upwards(where) if path in origins), "the configuration")
        if one["type"] == "extra_forbidden":
            yield f"{origin}: unknown key {where}{_did_you_mean(where)}"
        else:
            yield f"{origin}: {where}: {one['msg'].removeprefix('Value error, ')}"


def _upwards(where: str) -> Iterator[str]:
    parts = where.split(".")
    for size in range(len(parts), 0, -1):
        yield ".".join(parts[:size])


def _did_you_mean(where: str) -> str:
    section = ".".join(part for part in where.split(".")[:-1] if not part.isdigit())
    known = {path for leaf in (*_leaves(), *_leaves(AcceptSettings, "accept.")) for path in _upwards(leaf)}
    beside = {path.rpartition(".")[2]: path for path in sorted(known) if path.rpartition(".")[0] == section}
    close = get_close_matches(where.rpartition(".")[2], beside, n=1)
    return f"; did you mean {beside[close[0]]}?" if close else f"; known here are {', '.join(beside.values())}"
