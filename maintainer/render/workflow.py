"""Remarks as GitHub's workflow commands, which show them beside the lines of a pull request."""

from maintainer.render.document import Document
from maintainer.render.lint_document import NOT_CHECKED

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def workflow_commands(document: Document) -> str:
    """One command a line; no text of a file can end its command or begin another one."""
    commands = [
        _command(remark, _COMMANDS[remark["severity"]], (remark["check"], remark["name"]), _said(remark))
        for remark in document["remarks"]
    ]
    commands += (_command(one, "notice", (NOT_CHECKED, one["name"]), one["reason"]) for one in document["unchecked"])
    return "".join(f"{command}\n" for command in commands)


def _command(where: Document, command: str, title: tuple[str, str], text: str) -> str:
    properties = {"file": where["file"], "line": f"{where['line']}", "title": " ".join(title)}
    listed = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{command} {listed}::{text.translate(_DATA)}"


def _said(remark: Document) -> str:
    return f"{remark['why']}\n{remark['means']}\n{remark['corrected']}".strip()
