"""What the demos of all jobs share: what is wanted of them, what they have to work with, and how they end."""

import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from zoneinfo import ZoneInfo

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.deliver.files import write
from maintainer.render.outline import outline
from maintainer.runner import Outcome
from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_preview import preview
from maintainer.sandbox.slack_shown import shown
from maintainer.sandbox.slack_workspace import TOKEN
from maintainer.settings import Settings

PREVIEW = "slack.html"
"""The page with the messages, beside the reports."""

SLACK_URL = "MAINTAINER_DEMO_SLACK_URL"
"""The variable by which the demo of all jobs leads the demo of each job to its own Slack."""

SettingsOf = Callable[[Mapping[str, str]], Settings]
"""Makes the settings of variables and of the options on the command line."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the demo shows.

    ``keep`` leaves the fleet running until an interrupt. With a ``month`` before it, the faults are in that month, and
    over when the job runs. With ``slack`` the report is posted to a Slack on this machine, which is printed.
    """

    faults: bool
    keep: bool
    month: bool
    slack: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo of a job gets.

    ``settings_of`` makes the settings of the variables that lead to the fleet, ``running`` ends what the demo starts
    once it was shown, and ``slack_url`` is that of the Slack to which its runs post, "" for none.
    """

    settings_of: SettingsOf
    secrets: KnownSecrets
    wanted: Wanted
    running: ExitStack
    slack_url: str

    def variables(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """The variables that lead a run to a fleet and, where there is one, to the Slack."""
        return {**environment, **(_posting_to(self.slack_url) if self.slack_url else {})}


@dataclass(frozen=True, slots=True)
class Played:
    """A demo that was played: its runs in their order, the variables that lead to its fleet, and what to say of it.

    The page with its messages goes into the folder ``beside``, which is that of the reports if it is "". ``again`` are
    the arguments of a run on the fleet in another terminal, "" for the job alone.
    """

    outcomes: tuple[Outcome, ...]
    environment: Mapping[str, str]
    said: tuple[str, ...] = ()
    beside: str = ""
    again: str = ""


def print_messages(slack: Slack) -> None:
    """Print the messages as the server got them."""
    print(f"\nThe message as Slack got it:\n\n{shown(slack)}")


def write_messages(slack: Slack, settings: Settings) -> Path:
    """Write a page beside the reports that shows the messages as they look in Slack, and return its path."""
    page = preview(slack, ZoneInfo(settings.schedule.time_zone), language=settings.reports.language)
    (path,) = write(settings.reports.directory, {PREVIEW: page})
    return path


def print_end(played: Played, *, command: str) -> None:
    """End the demo with the verdicts, the reports to click on, and the command to type next, "" for none."""
    for line in played.said:
        print(line)
    for outcome in played.outcomes:
        print(f"\n{outline(outcome.document, outcome.catalogue).verdict}")
        for path in outcome.files:
            if path.suffix == ".html":
                print(path.resolve().as_uri())
    if command:
        print(f"Next, for the cluster of your kubeconfig: maintainer {command}")


def wait_for_interrupt(environment: Mapping[str, str], command: str) -> None:
    """Print how to reach the fleet of the demo, and wait for a signal."""
    print("\nThe fleet keeps running until Ctrl-C. In another terminal:\n")
    for name, value in environment.items():
        print(f"export {name}={quote(value)}")
    print(f"{quote(sys.argv[0])} {command}", flush=True)
    signal.pause()


def _posting_to(slack_url: str) -> Mapping[str, str]:
    """The variables with which a run posts to this Slack, and the samples of a month tell what they find."""
    return {
        "MAINTAINER_SLACK_POST": "true",
        "MAINTAINER_SLACK_BASE_URL": f"{slack_url}/api/",
        "MAINTAINER_SLACK_DAILY": "accuracy/*, controller/*, coverage/*, pipeline/emitter",
        "SLACK_BOT_TOKEN": TOKEN,
    }
