"""The row about Slack, to which reports are posted."""

from collections.abc import Iterator

from maintainer.analyse.doctor.subject import Subject, Verdict, unwell, well
from maintainer.model.doctor import SlackLook, SlackTrouble
from maintainer.model.message import message

NEEDED = ("chat:write", "files:write")


def slack(subject: Subject) -> Verdict:
    """The token may post messages and files, and the app is in the channel."""
    look = subject.seen.slack
    if look is None:
        return well(message("doctor/slack.none"))
    if isinstance(look, SlackTrouble):
        return _trouble(subject, look)
    if look == "webhook":
        return well(message("doctor/slack.webhook"))
    return _of_token(subject, look)


def _trouble(subject: Subject, trouble: SlackTrouble) -> Verdict:
    commands, said = subject.commands, message(f"doctor/slack.{trouble.kind}", said=trouble.said)
    if trouble.kind == "reached":
        return unwell("broken", said, commands.fetch(f"{subject.wanted.slack_url}api.test"))
    return unwell("broken", said, commands.doctor(value="FILE", variable="MAINTAINER_SLACK_TOKEN_FILE"))


def _of_token(subject: Subject, look: SlackLook) -> Verdict:
    again, channel = subject.commands.doctor(), subject.wanted.channel
    if lacking := [scope for scope in NEEDED if scope not in look.scopes]:
        return unwell("broken", message("doctor/slack.scopes", app=look.app, scopes=", ".join(lacking)), again)
    if look.membership == "absent":
        return unwell("broken", message("doctor/slack.no-channel", app=look.app, channel=channel), again)
    if look.membership == "outside" and "chat:write.public" not in look.scopes:
        return unwell("broken", message("doctor/slack.outside", app=look.app, channel=channel), again)
    if lacking := list(_lacking(look)):
        scopes = ", ".join(lacking)
        return unwell("warning", message("doctor/slack.less", app=look.app, channel=channel, scopes=scopes), again)
    return well(message("doctor/slack.ok", workspace=look.workspace, app=look.app, channel=channel))


def _lacking(look: SlackLook) -> Iterator[str]:
    """The scopes without which a message may stand there twice, or a file may be missing."""
    if "files:read" not in look.scopes:
        yield "files:read"
    if not look.scopes & {"channels:history", "groups:history"}:
        yield "channels:history"
    if look.membership == "unknown":
        yield "channels:read"
