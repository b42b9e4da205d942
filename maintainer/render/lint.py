"""The result of ``maintainer lint`` in its output formats."""

from collections import Counter
from difflib import unified_diff
from io import StringIO
from typing import TYPE_CHECKING, Literal

from maintainer.model.message import message
from maintainer.render.document import Document, as_json
from maintainer.render.lint_document import NOT_CHECKED
from maintainer.render.sarif import sarif
from maintainer.render.visible import VISIBLE, on_a_line
from maintainer.render.words import Catalogue, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Format = Literal["text", "json", "github", "sarif"]

_COUNTS = {"error": "lint/errors", "warning": "lint/warnings", "info": "lint/infos"}
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = VISIBLE | str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def rendered(document: Document, format_: Format, catalogue: Catalogue) -> str:
    """The document as text that ends with a newline, in which no character acts on a terminal."""
    formats: Mapping[Format, Callable[[Document, Catalogue], str]] = {
        "text": _text,
        "json": lambda worded, _: as_json(worded),
        "github": lambda worded, words: f"{_workflow_commands(worded)}{on_a_line(closing(worded, words))}\n",
        "sarif": lambda worded, words: as_json(sarif(worded, words)),
    }
    return formats[format_](document, catalogue)


def difference(file: str, before: str, after: str) -> str:
    """The change of a file, as a unified diff for ``patch -p0``."""
    return "".join(_with_newline(line) for line in unified_diff(_lines(before), _lines(after), file, file))


def closing(document: Document, catalogue: Catalogue) -> str:
    """The last line of the output: ``3 errors, 1 warning in 42 queries of 3 files.``"""

    def counted(id_: str, count: int) -> str:
        return say(catalogue, message(id_, count=count))

    doubtful = sum(remark["check"] == NOT_CHECKED for remark in document["remarks"])
    counts = {**document["counts"], "info": document["counts"]["info"] - doubtful}
    findings = [counted(id_, counts[key]) for key, id_ in _COUNTS.items() if counts[key]]
    fixed = document["fixed"]
    if fixed and (fixed["corrected"] or fixed["left"]):
        findings = [say(catalogue, message("lint/fixed", corrected=fixed["corrected"], left=fixed["left"]))]
    passed = Counter(one["why"] for one in document["passedOver"])
    rest = [
        message("lint/unchecked", count=doubtful + len(document["unchecked"])),
        message("lint/passed.source", count=passed["source"]),
        message("lint/passed.description", count=passed["description"]),
    ]
    said = [message("lint/closing.rest", what=what) for what in rest if what.named["count"]]
    kind = "closing" if document["queries"] else "no-query" if document["files"] else "no-file"
    sentence = message(
        f"lint/{kind}",
        findings=", ".join(findings) or say(catalogue, message("lint/none")),
        queries=counted("lint/queries", document["queries"]),
        files=counted("lint/files", document["files"]),
        rest="".join(say(catalogue, what) for what in said),
    )
    return say(catalogue, sentence)


def _text(document: Document, catalogue: Catalogue) -> str:
    lines = [line for remark in document["remarks"] for line in _remark(remark)]
    lines += (
        f"{unchecked['file']}:{unchecked['line']}: info {NOT_CHECKED}: {unchecked['name']}: {unchecked['reason']}"
        for unchecked in document["unchecked"]
    )
    return "".join(f"{on_a_line(line)}\n" for line in (*lines, closing(document, catalogue)))


def _remark(remark: Document) -> list[str]:
    where = f"{remark['file']}:{remark['line']}: {remark['severity']} {remark['check']}"
    lines = [f"{where}: {remark['name']}: {remark['why']}", f"    {remark['means']}"]
    if remark["corrected"]:
        lines += (f"    {line}" for line in _changed_lines(remark["query"], remark["corrected"]))
    return [*lines, *([f"    {remark['left']}"] if remark["left"] else [])]


def _changed_lines(query: str, corrected: str) -> list[str]:
    """The lines of a query that a correction changes, before (``-``) and after (``+``)."""
    diff = unified_diff(query.strip().split("\n"), corrected.strip().split("\n"), n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in list(diff)[2:] if line[0] in "-+"]


def _workflow_commands(document: Document) -> str:
    """GitHub's workflow commands, one a line; no text of a file can end its command or begin another one."""
    commands = [
        _command(remark, _COMMANDS[remark["severity"]], (remark["check"], remark["name"]), _annotation(remark))
        for remark in document["remarks"]
    ]
    commands += (
        _command(unchecked, "notice", (NOT_CHECKED, unchecked["name"]), unchecked["reason"])
        for unchecked in document["unchecked"]
    )
    return "".join(f"{command}\n" for command in commands)


def _command(where: Document, command: str, title: tuple[str, str], text: str) -> str:
    properties = {"file": where["file"], "line": f"{where['line']}", "title": " ".join(title)}
    listed = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{command} {listed}::{text.translate(_DATA)}"


def _annotation(remark: Document) -> str:
    return f"{remark['why']}\n{remark['means']}\n{remark['corrected']}".strip()


def _lines(text: str) -> list[str]:
    return list(StringIO(text, newline="\n"))


def _with_newline(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
