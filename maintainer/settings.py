"""The settings, read once from ``maintainer.yaml``, the environment and the flags. Every value is checked.

A flag wins over the environment, and the environment wins over the file. Keys are camelCase in the file:
``prometheus.publicUrl`` is ``MAINTAINER_PROMETHEUS_PUBLIC_URL`` in the environment, where lists and maps are written
as YAML. Durations are written as in Prometheus and held in seconds.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from maintainer.errors import ConfigError
from maintainer.options import option_for
from maintainer.settings_errors import error_lines
from maintainer.settings_values import (
    Condition,
    Count,
    DaySpan,
    DiskSize,
    DocsUrl,
    Duration,
    FailOn,
    File,
    Folder,
    Format,
    Formats,
    Kinds,
    Listen,
    Matcher,
    Months,
    Names,
    Namespaces,
    Objects,
    Pattern,
    Patterns,
    Price,
    ReportCount,
    SampledPatterns,
    Schedule,
    Service,
    Sizes,
    Textfile,
    Thresholds,
    Url,
    Wait,
    Zone,
)
from maintainer.settings_yaml import parsed_settings, parsed_variable, read_settings_file

PREFIX = "MAINTAINER_"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _of_nothing(cls, value: object) -> object:
        """A section whose keys are all commented out is ``null`` in YAML, and sets nothing."""
        return {} if value is None else value


class ClusterSettings(_Section):
    """The cluster; ``context`` "" is the current context, ``namespaces`` () is all namespaces.

    ``kubeconfig`` "" is ``$KUBECONFIG``, ``~/.kube/config`` or the ServiceAccount of the pod. ``as_user`` is the user
    as whom the API is asked, "" that of the kubeconfig.
    """

    name: str = ""
    kubeconfig: str = ""
    context: str = ""
    namespaces: Namespaces = ()
    as_user: str = Field(default="", alias="as")


class ControllerSettings(_Section):
    """The Argo Rollouts controller whose metrics are compared with the API."""

    namespace: str = "argo-rollouts"
    service: str = "argo-rollouts-metrics"
    instance_id: str = ""


class BasicAuth(_Section):
    """HTTP basic authentication; the password is in a file."""

    username: str = ""
    password_file: File = ""


class TlsSettings(_Section):
    """The CA certificate and the client certificate, as paths of PEM files; "" is none."""

    ca_file: File = ""
    cert_file: File = ""
    key_file: File = ""
    insecure_skip_verify: bool = False


class PrometheusSettings(_Section):
    """The address and the credentials of Prometheus; without a ``url`` it is reached through the API server.

    It is then the ``service``, as ``namespace/name``, and with "" it is searched in the cluster.
    """

    url: Url = ""
    service: Service = ""
    public_url: Url = ""
    matchers: tuple[Matcher, ...] = ()
    replica_labels: Names = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    bearer_token_file: File = ""
    basic_auth: BasicAuth = BasicAuth()
    tls: TlsSettings = TlsSettings()
    timeout: Duration = 30.0
    max_samples_per_run: Count = 50_000_000


class RulerSettings(_Section):
    """The address of the server that evaluates the rules, such as vmalert; ``url`` "" means Prometheus itself."""

    url: Url = ""


class GrafanaSettings(_Section):
    """Where the dashboards are: ConfigMaps as ``namespace/name``, and Grafana's API unless ``url`` is ""."""

    dashboards: Objects = ("monitoring/grafana-dashboard-argo-rollouts",)
    url: Url = ""
    token_file: File = ""


class AlertmanagerSettings(_Section):
    """The address of Alertmanager; ``url`` "" means the Alertmanagers to which Prometheus sends its alerts."""

    url: Url = ""


class HourSettings(_Section):
    """The hours of the people on call, in the time zone of the schedules: night on each day, work on weekdays."""

    night: DaySpan = "22:00-07:00"
    work: DaySpan = "09:00-18:00"


class RouteSettings(_Section):
    """How Alertmanager groups alerts and repeats them, as its own keys ``group_by`` and so on."""

    group_by: Names = ("alertname", "namespace")
    group_wait: Wait = 30.0
    group_interval: Duration = 300.0
    repeat_interval: Duration = 14400.0


class AlertSettings(_Section):
    """Which alerts are kept, and how they are judged. The files are YAML, or a table for the labels; "" is none.

    ``names`` are patterns of the alerts that are kept; () is all that are about Rollouts, and those of the chart.
    ``incidents_file`` has the incidents, ``labels_file`` what people said of alerts, ``events_file`` what the event
    recorder of Alertmanager wrote. Without that, pages are estimated by the routes of Alertmanager's configuration,
    ``alertmanager_file``, and without that by the ``route``. Too few pods count from
    ``short_for`` on. Users are harmed where the query ``impact`` has a result. ``thresholds`` are those that differ
    from :class:`AlertThresholds`, by their names.
    """

    names: Names = ()
    incidents_file: File = ""
    labels_file: File = ""
    events_file: File = ""
    alertmanager_file: File = ""
    hours: HourSettings = HourSettings()
    route: RouteSettings = RouteSettings()
    short_for: Wait = 300.0
    impact: Condition = ""
    thresholds: Thresholds = Field(default_factory=dict)


class DesiredSettings(_Section):
    """Where it is read what was deployed, and the kinds of objects that are compared with it."""

    helm_releases: Objects = ("monitoring/monitoring", "argo-rollouts/argo-rollouts-monitoring")
    paths: Names = ()
    kinds: Kinds = (
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "PodMonitor",
        "Prometheus",
        "PrometheusRule",
        "Service",
        "ServiceMonitor",
    )


class ReconcileSettings(_Section):
    """What the job reconcile does about what differs from what was deployed.

    ``mode``: ``report`` changes nothing. ``plan`` neither, but writes what would be done into the file ``plan``.
    ``apply`` restores: only that, if there is such a file. ``undo`` puts back what the last run has restored.
    The ``retention`` is only restored with ``apply``, and only shortened with ``yes_delete_data``. ``prune`` removes
    what was added. ``wait`` is for how many seconds Prometheus may take to load what was written.
    """

    mode: Literal["report", "plan", "apply", "undo"] = "report"
    plan: File = ""
    retention: Literal["report", "apply"] = "report"
    yes_delete_data: bool = False
    prune: bool = False
    wait: Duration = 300.0

    @property
    def writes(self) -> bool:
        """Whether the cluster may be changed."""
        return self.mode in {"apply", "undo"}

    @model_validator(mode="after")
    def _plan_has_a_file(self) -> "ReconcileSettings":
        if self.mode == "plan" and not self.plan:
            raise ValueError("the mode plan needs a file: --plan FILE, or reconcile.plan")
        return self


class ScheduleSettings(_Section):
    """When jobs are due, as schedules of cron, and the time zone of these and of the days and months of reports."""

    time_zone: Zone = "Asia/Seoul"
    daily: Schedule = "0 6 * * *"
    monthly: Schedule = "0 9 1 * *"
    quarterly: Schedule = "0 9 1 1,4,7,10 *"
    semiannual: Schedule = "0 9 1 1,7 *"


class StorageSettings(_Section):
    """What the review of Prometheus' storage compares.

    ``disk_size`` is the size of its volume, "" as the cluster says; ``sizes`` are size limits to compare, and ``price``
    that of a GiB of the volume in a month, 0 if it is not known.
    """

    disk_size: DiskSize = ""
    sizes: Sizes = ("45GB",)
    price: Price = 0.0


class ReportSettings(_Section):
    """Where reports are written, and how. ``docs_url`` is where docs/ is published; "" makes no links.

    ``keep`` is how many reports of each job and cluster stay in the directory. ``public_url`` is where the directory is
    published, "" if it is not.
    """

    language: Literal["en", "ko"] = "en"
    directory: Folder = "reports/out"
    formats: Formats = get_args(Format)
    keep: ReportCount = 36
    docs_url: DocsUrl = ""
    public_url: Url = ""


class SlackSettings(_Section):
    """Whether and where runs post their reports. The token is in a file, or in ``$SLACK_BOT_TOKEN``.

    ``channel`` is a name with # or an id. ``when`` is which reports are told: all, those that are not fine, or those
    that differ from the one before. ``daily`` are patterns of checks: what the daily sample finds of them is told that
    day. Without a token, the incoming webhook in ``webhook_url_file`` posts the message.
    ``base_url`` "" is Slack's own.
    """

    post: bool = False
    channel: str = Field(default="#deployments", min_length=1)
    when: Literal["always", "findings", "changes"] = "always"
    daily: SampledPatterns = ("controller/stale-cache", "pipeline/emitter")
    token_file: File = ""
    webhook_url_file: File = ""
    base_url: Url = ""


class MetricsSettings(_Section):
    """Where runs hand on their metrics, beside ``maintainer serve``; "" is nowhere.

    ``textfile`` is a file for the node exporter's textfile collector. ``pushgateway`` is the URL of a Pushgateway, with
    the login ``basic_auth`` if that has a username.
    """

    textfile: Textfile = ""
    pushgateway: Url = ""
    basic_auth: BasicAuth = BasicAuth()


class LogSettings(_Section):
    """The log on stderr: as lines or as JSON, and how much of it. ``quiet`` also leaves out the summary on stdout."""

    format: Literal["text", "json"] = "text"
    level: Literal["quiet", "normal", "verbose"] = "normal"


class KeepSettings(_Section):
    """For how many months the ledger and the archive are kept."""

    ledger: Months = 36
    archive: Months = 15


class StoreSettings(_Section):
    """Where it is remembered what earlier reports said: in ConfigMaps of a cluster, or in the folder ``path``.

    ``path`` "" is reports/store. ``auto`` is the ConfigMaps if a ledger is in them that can be read, else the folder.
    ``record`` says that a run is remembered, ``wait_lock`` for how many seconds it waits for another such run.
    """

    kind: Literal["auto", "configmaps", "directory"] = "auto"
    path: str = ""
    namespace: str = "maintainer"
    name: str = "maintainer"
    keep: KeepSettings = KeepSettings()
    record: bool = False
    wait_lock: Wait = 0.0


class ServeSettings(_Section):
    """Where ``maintainer serve`` answers probes and Prometheus: an address and a port."""

    listen: Listen = "0.0.0.0:8080"


class AcceptSettings(_Section):
    """A finding that the user accepts: its check, its subject, the reason, and the last day (``None``: no end).

    A ``*`` in check and subject is for any characters. The subject "" accepts the gaps of the check instead.
    """

    check: Pattern
    subject: str
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    until: date | None = None


class Settings(_Section):
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
