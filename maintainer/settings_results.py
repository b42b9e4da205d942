"""The settings of what becomes of a run: reports, messages, metrics, the log and the store."""

from typing import Literal, get_args

from pydantic import Field

from maintainer.settings_section import BasicAuth, Section
from maintainer.settings_values import (
    DocsUrl,
    File,
    Folder,
    Format,
    Formats,
    Listen,
    Months,
    ReportCount,
    SampledPatterns,
    Textfile,
    Url,
    Wait,
)


class ReportSettings(Section):
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


class SlackSettings(Section):
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


class MetricsSettings(Section):
    """Where runs hand on their metrics, beside ``maintainer serve``; "" is nowhere.

    ``textfile`` is a file for the node exporter's textfile collector. ``pushgateway`` is the URL of a Pushgateway, with
    the login ``basic_auth`` if that has a username.
    """

    textfile: Textfile = ""
    pushgateway: Url = ""
    basic_auth: BasicAuth = BasicAuth()


class LogSettings(Section):
    """The log on stderr: as lines or as JSON, and how much of it. ``quiet`` also leaves out the summary on stdout."""

    format: Literal["text", "json"] = "text"
    level: Literal["quiet", "normal", "verbose"] = "normal"


class KeepSettings(Section):
    """For how many months the ledger and the archive are kept."""

    ledger: Months = 36
    archive: Months = 15


class StoreSettings(Section):
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


class ServeSettings(Section):
    """Where ``maintainer serve`` answers probes and Prometheus: an address and a port."""

    listen: Listen = "0.0.0.0:8080"
