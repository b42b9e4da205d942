"""What the rows of doctor are judged by, and what a row says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from maintainer.analyse.doctor.commands import Commands
from maintainer.analyse.doctor.remedies import Trouble, is_forbidden, remedy
from maintainer.model.doctor import Checkup, Right, Row, State
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings ask for.

    ``rights`` are those that the checks need, each with their ids. ``store`` are all rights that a store of ConfigMaps
    needs, and ``writes``: a run by these settings writes to the store. ``namespace`` and ``service`` are those of the
    controller. ``keeps`` is for how many seconds each job needs samples in Prometheus, ``dates`` the next date of each
    job of the calendar, whose ``time_zone`` is a name such as ``Asia/Seoul``. ``releases`` are the Helm releases with
    which reconcile compares, ``named`` if the settings name them, and ``paths`` those of manifests. ``channel`` is
    where reports are posted, by the methods below ``slack_url``. ``impact`` is the query that says when users are
    harmed.
    """

    rights: Mapping[Right, tuple[str, ...]] = field(default_factory=dict)
    store: tuple[Right, ...] = ()
    writes: bool = False
    namespace: str = "argo-rollouts"
    service: str = "argo-rollouts-metrics"
    keeps: Mapping[str, float] = field(default_factory=dict)
    dates: Mapping[str, datetime | None] = field(default_factory=dict)
    time_zone: str = "UTC"
    releases: tuple[str, ...] = ()
    named: bool = False
    paths: tuple[str, ...] = ()
    channel: str = "#deployments"
    slack_url: str = "https://slack.com/api/"
    impact: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """All facts, what the settings ask for, and the commands for a reader."""

    seen: Checkup
    wanted: Wanted
    commands: Commands


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a function says of its row. ``blames`` are rows that are the cause of it, if one of them is broken."""

    row: Row
    blames: tuple[str, ...] = ()


def well(seen: Message) -> Verdict:
    """There is nothing to do."""
    return Verdict(Row("", "ok", seen))


def unwell(state: State, seen: Message, next_: str, *, blames: tuple[str, ...] = ()) -> Verdict:
    """There is something to do: type ``next_``."""
    return Verdict(Row("", state, seen, next_), blames)


def unavailable(why: Unavailable, trouble: Trouble, *, blames: tuple[str, ...] = ()) -> Verdict:
    """The row of a server that could not be read. A right that lacks is the matter of the row ``permissions``."""
    said = remedy(trouble)
    return unwell("broken", said.seen, said.next, blames=(*blames, *(("permissions",) if is_forbidden(why) else ())))
