"""The settings of what the jobs do with what they read, and of when they do it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from maintainer.settings_section import Section
from maintainer.settings_values import (
    Condition,
    DaySpan,
    DiskSize,
    Duration,
    File,
    Kinds,
    Names,
    Objects,
    Pattern,
    Price,
    Schedule,
    Sizes,
    Thresholds,
    Wait,
    Zone,
)


class HourSettings(Section):
    """The hours of the people on call, in the time zone of the schedules: night on each day, work on weekdays."""

    night: DaySpan = "22:00-07:00"
    work: DaySpan = "09:00-18:00"


class RouteSettings(Section):
    """How Alertmanager groups alerts and repeats them, as its own keys ``group_by`` and so on."""

    group_by: Names = ("alertname", "namespace")
    group_wait: Wait = 30.0
    group_interval: Duration = 300.0
    repeat_interval: Duration = 14400.0


class AlertSettings(Section):
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


class DesiredSettings(Section):
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


class ReconcileSettings(Section):
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


class ScheduleSettings(Section):
    """When jobs are due, as schedules of cron, and the time zone of these and of the days and months of reports."""

    time_zone: Zone = "Asia/Seoul"
    daily: Schedule = "0 6 * * *"
    monthly: Schedule = "0 9 1 * *"
    quarterly: Schedule = "0 9 1 1,4,7,10 *"
    semiannual: Schedule = "0 9 1 1,7 *"


class StorageSettings(Section):
    """What the review of Prometheus' storage compares.

    ``disk_size`` is the size of its volume, "" as the cluster says; ``sizes`` are size limits to compare, and ``price``
    that of a GiB of the volume in a month, 0 if it is not known.
    """

    disk_size: DiskSize = ""
    sizes: Sizes = ("45GB",)
    price: Price = 0.0


class AcceptSettings(Section):
    """A finding that the user accepts: its check, its subject, the reason, and the last day (``None``: no end).

    A ``*`` in check and subject is for any characters. The subject "" accepts the gaps of the check instead.
    """

    check: Pattern
    subject: str
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    until: date | None = None
