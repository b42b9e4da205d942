"""Reads the files that people keep about alerts: incidents, labels, and what Alertmanager's event recorder wrote."""

from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.people import incidents_of, labels_of
from maintainer.clients.local_file import MIB, read_file
from maintainer.collect.alerts.routing import routing_of
from maintainer.errors import ConfigError
from maintainer.model.alert_routing import Routing
from maintainer.model.incidents import Incident, Label

T = TypeVar("T")

MOST, MOST_EVENTS = 16 * MIB, 256 * MIB
"""The largest file of people, and of the event recorder, which writes a line for each event of all alerts."""


def read_incidents(path: str, zone: ZoneInfo) -> tuple[Incident, ...] | None:
    """The incidents of a file; ``None`` without a path. Raises :class:`ConfigError`, also for a file without any."""
    return _parsed(path, lambda text: incidents_of(text, zone), "alerts.incidentsFile") if path else None


def read_labels(path: str, zone: ZoneInfo) -> tuple[Label, ...]:
    """What people said of alerts; nothing without a path. Raises :class:`ConfigError`."""
    return _parsed(path, lambda text: labels_of(text, zone), "alerts.labelsFile") if path else ()


def read_events(path: str) -> tuple[str, ...] | None:
    """The lines of the event recorder; ``None`` without a path. Raises :class:`ConfigError`."""
    return tuple(_text(path, MOST_EVENTS, "alerts.eventsFile").splitlines()) if path else None


def read_routing(path: str) -> Routing | None:
    """How Alertmanager routes by its configuration; ``None`` without a path. Raises :class:`ConfigError`."""
    return _parsed(path, routing_of, "alerts.alertmanagerFile") if path else None


def _parsed(path: str, parse: Callable[[str], T], setting: str) -> T:
    try:
        return parse(_text(path, MOST, setting))
    except ValueError as error:
        raise ConfigError(f"the file {path} of {setting} is refused: {error}") from error


def _text(path: str, most: int, setting: str) -> str:
    try:
        return read_file(path, most).decode("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read the file {path} of {setting}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot read the file {path} of {setting}: it is not text in UTF-8") from error
