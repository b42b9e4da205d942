"""The settings, read once from ``maintainer.yaml``, the environment and the flags. Every value is checked.

A flag wins over the environment, and the environment wins over the file. Keys are camelCase in the file:
``prometheus.publicUrl`` is ``MAINTAINER_PROMETHEUS_PUBLIC_URL`` in the environment, where lists and maps are written
as YAML. Durations are written as in Prometheus and held in seconds.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from maintainer.errors import ConfigError
from maintainer.options import option_for
from maintainer.settings_errors import error_lines
from maintainer.settings_jobs import (
    AcceptSettings,
    AlertSettings,
    DesiredSettings,
    ReconcileSettings,
    ScheduleSettings,
    StorageSettings,
)
from maintainer.settings_results import (
    LogSettings,
    MetricsSettings,
    ReportSettings,
    ServeSettings,
    SlackSettings,
    StoreSettings,
)
from maintainer.settings_section import Section
from maintainer.settings_sources import (
    AlertmanagerSettings,
    ClusterSettings,
    ControllerSettings,
    GrafanaSettings,
    PrometheusSettings,
    RulerSettings,
)
from maintainer.settings_values import Duration, FailOn, Patterns
from maintainer.settings_yaml import parsed_settings, parsed_variable, read_settings_file

PREFIX = "MAINTAINER_"


class Settings(Section):
    """All settings; ``timeout`` is the time for a whole run."""

    cluster: ClusterSettings = ClusterSettings()
    controller: ControllerSettings = ControllerSettings()
    prometheus: PrometheusSettings = PrometheusSettings()
    ruler: RulerSettings = RulerSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    alertmanager: AlertmanagerSettings = AlertmanagerSettings()
    alerts: AlertSettings = AlertSettings()
    desired: DesiredSettings = DesiredSettings()
    reconcile: ReconcileSettings = ReconcileSettings()
    storage: StorageSettings = StorageSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    reports: ReportSettings = ReportSettings()
    store: StoreSettings = StoreSettings()
    slack: SlackSettings = SlackSettings()
    serve: ServeSettings = ServeSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()
    color: Literal["auto", "never"] = "auto"
    checks: Patterns = ()
    accept: tuple[AcceptSettings, ...] = ()
    fail_on: FailOn = "never"
    timeout: Duration = 900.0

    def recording(self, *, record: bool) -> "Settings":
        """The same settings for runs that are remembered, or not. A run that is not remembered posts nothing."""
        store = self.store.model_copy(update={"record": record})
        slack = self.slack.model_copy(update={"post": self.slack.post and record})
        return self.model_copy(update={"store": store, "slack": slack})

    def storing_in(self, folder: str) -> "Settings":
        """The same settings with a store in a folder."""
        return self.model_copy(update={"store": self.store.model_copy(update={"kind": "directory", "path": folder})})

    def reporting_in(self, folder: str) -> "Settings":
        """The same settings with the reports in another folder."""
        return self.model_copy(update={"reports": self.reports.model_copy(update={"directory": folder})})


def load(path: str, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """The settings from the file at ``path`` ("" is none), the environment, and flags by dotted key.

    A run that posts is remembered, so that it posts once.
    Raises :class:`ConfigError` with a line for each wrong key, which says where the key was set.
    """
    text = read_settings_file(path) if path else ""
    values, lines = parsed_settings(path, text)
    origins = {key: f"{path}, line {line}" for key, line in lines.items()}
    overrides = {key: (value, f"the environment variable {name}") for name, key, value in _from_environment(environ)}
    overrides |= {key: (value, f"the option {option_for(key)}") for key, value in flags.items()}
    for key, (value, origin) in overrides.items():
        _override(values, key, value=value)
        origins = {other: place for other, place in origins.items() if not other.startswith(f"{key}.")}
        origins[key] = origin
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError("\n".join(error_lines(error, origins, known=_known()))) from None
    return settings.recording(record=True) if settings.slack.post else settings


def defaults() -> Mapping[str, Any]:
    """The defaults as a file would give them: by the keys of the file, with durations as text."""
    return Settings().model_dump(mode="json", by_alias=True)


def variables() -> Mapping[str, str]:
    """The dotted key of each setting, by the name of its environment variable."""
    return {PREFIX + re.sub(r"(?<=[a-z])([A-Z])", r"_\1", key).replace(".", "_").upper(): key for key in _keys()}


def _keys(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """The dotted keys of all settings that are not sections."""
    for name, field in section.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{key}.")
        else:
            yield key


def _known() -> Iterator[str]:
    """The dotted keys of all settings, also of those in the list ``accept``."""
    yield from _keys()
    yield from _keys(AcceptSettings, "accept.")


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """The name of each variable that is set, the dotted key and the value of its setting."""
    for name, key in variables().items():
        if name in environ:
            text = environ[name]
            yield name, key, parsed_variable(name, text) if text[:1] in {"[", "{"} else text


def _override(values: dict[str, Any], key: str, *, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        inner = values.get(section) or {}
        if not isinstance(inner, dict):
            return  # The section itself has a wrong value, which the validation reports.
        values[section] = dict(inner)
        values = values[section]
    values[last] = value
