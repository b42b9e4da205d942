"""Looks of doctor in this process, over real HTTP, and what it printed."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from maintainer.faults import Faults
from maintainer.jobs.doctor import DoctorContext, doctor
from maintainer.model.clock import Clock
from maintainer.model.doctor import Row
from maintainer.posting import is_set_up, open_sender
from maintainer.render.words import load as load_words
from maintainer.render.words import say
from maintainer.reporting import Machine, cluster_of
from maintainer.settings import load
from maintainer.store_opening import Surroundings, open_store
from maintainer.triggers import next_fire
from tests.servers.shell import pasted

ENGLISH = load_words("en")


def examined(
    environ: Mapping[str, str], folder: Path, flags: Mapping[str, object] | None = None, *, ahead: float = 0.0
) -> dict[str, Row]:
    """The rows by id, with these variables and flags; the clock of this machine is ``ahead`` by so many seconds."""
    path = str(folder / "store")
    settings = load("", {**environ, "MAINTAINER_STORE_PATH": path}, {"timeout": "30s", **(flags or {})})
    now = datetime.now(UTC) + timedelta(seconds=ahead)
    named = settings.cluster.kubeconfig or environ.get("KUBECONFIG", str(folder / "no-kubeconfig"))
    clock = Clock(time.monotonic, time.sleep)
    token = environ.get("SLACK_BOT_TOKEN", "")
    machine, faults = Machine(clock, now, "test", named, slack_token=token), Faults()
    connect = partial(cluster_of, settings, machine)
    surroundings = Surroundings(clock, now, connect, faults.guard)
    context = DoctorContext(
        connect=connect,
        open_store=partial(open_store, settings.store, surroundings),
        folder=settings.store.path,
        clock=clock,
        now=now,
        guard=faults.guard,
        watched=machine.secrets.watched,
        open_slack=partial(open_sender, settings.slack, machine) if is_set_up(settings.slack, machine) else None,
        dates={"monthly": next_fire(settings.schedule.monthly, settings.schedule.time_zone, now)},
    )
    rows = {row.id: row for row in doctor(settings, context)}
    assert faults.found == ()
    return rows


def told(rows: Mapping[str, Row]) -> str:
    """All rows in words, for the message of a failing assertion."""
    return "\n".join(f"{row.state} {row.id}: {say(ENGLISH, row.seen)} [{row.next}]" for row in rows.values())


def assert_only(rows: Mapping[str, Row], id_: str, *said: str, state: str = "broken", next_: str = "") -> None:
    """This row alone is not well. The others are, or could not be checked because of it.

    It says these texts, and what to type is ``next_``, if that is given.
    """
    odd = {row.id for row in rows.values() if row.state in {"broken", "warning"}}
    assert odd == {id_}, told(rows)
    row = rows[id_]
    assert row.state == state
    assert row.next, told(rows)
    for text in said:
        assert text in say(ENGLISH, row.seen), told(rows)
    if next_:
        assert row.next == next_
    lost = {row.id: row.because for row in rows.values() if row.state == "not-checked"}
    assert set(lost.values()) <= {id_}, told(rows)
    assert not [row.id for row in rows.values() if row.state in {"ok", "not-checked"} and row.next]


def assert_well(rows: Mapping[str, Row]) -> None:
    """Every row is well, and nothing is to be typed."""
    assert {row.state for row in rows.values()} == {"ok"}, told(rows)
    assert not [row.next for row in rows.values() if row.next]


def typed(environ: Mapping[str, str], folder: Path, command: str) -> tuple[int, str]:
    """The exit code and the output of a command in a shell."""
    done = pasted(command, environ, home=folder)
    return done.returncode, done.stdout


def printed(environ: Mapping[str, str], folder: Path, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code of the real command, and its rows by id as they are in its JSON."""
    code, out = typed(environ, folder, " ".join(("maintainer doctor --format json", *words)))
    document = json.loads(out)
    assert document["schema"] == "maintainer.doctor/v1"
    return code, {row["id"]: row for row in document["rows"]}
