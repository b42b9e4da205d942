"""The result of ``maintainer lint`` as SARIF 2.1.0, for code scanning."""

import re
from typing import Any
from urllib.parse import quote

from maintainer.model.message import message
from maintainer.render.document import Document
from maintainer.render.lint_document import NOT_CHECKED
from maintainer.render.words import Catalogue, say

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of characters that stand for no byte of a file's name."""

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(document: Document, catalogue: Catalogue) -> dict[str, Any]:
    """A log with a run: a rule for each check that has results; what could not be checked is a note."""
    unchecked = [{**item, "check": NOT_CHECKED} for item in document["unchecked"]]
    ids = sorted({item["check"] for item in (*document["remarks"], *unchecked)})
    pages = {remark["check"]: remark["doc"] for remark in document["remarks"]}
    driver = {
        "name": "maintainer",
        "version": document["version"],
        "rules": [_rule(id_, pages.get(id_, ""), catalogue) for id_ in ids],
    }
    results = [
        *(_result(remark, ids, catalogue) for remark in document["remarks"]),
        *(_note(item, ids) for item in unchecked),
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(id_: str, page: str, catalogue: Catalogue) -> Document:
    entry = f"lint/check.{id_}"
    short = say(catalogue, message(entry)) if entry in catalogue.entries else id_
    help_ = {"helpUri": page} if page.startswith(("https://", "http://")) else {}
    return {"id": id_, "shortDescription": {"text": short}, **help_}


def _result(remark: Document, ids: list[str], catalogue: Catalogue) -> Document:
    fixes = {"fixes": [_fix(remark, catalogue)]} if remark["edits"] else {}
    return {
        "ruleId": remark["check"],
        "ruleIndex": ids.index(remark["check"]),
        "level": _LEVELS[remark["severity"]],
        "message": {"text": _without_links(f"{remark['name']}: {remark['why']} {remark['means']}")},
        "locations": [_location(remark)],
        "partialFingerprints": {"maintainerLint/v1": remark["fingerprint"]},
        **fixes,
    }


def _note(unchecked: Document, ids: list[str]) -> Document:
    return {
        "ruleId": NOT_CHECKED,
        "ruleIndex": ids.index(NOT_CHECKED),
        "level": "note",
        "message": {"text": _without_links(f"{unchecked['name']}: {unchecked['reason']}")},
        "locations": [_location(unchecked)],
    }


def _location(where: Document) -> Document:
    region = {"startLine": where["line"]}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(where["file"])}, "region": region}}


def _fix(remark: Document, catalogue: Catalogue) -> Document:
    replacements = [
        {
            "deletedRegion": {key: edit[key] for key in ("startLine", "startColumn", "endLine", "endColumn")},
            "insertedContent": {"text": edit["text"]},
        }
        for edit in remark["edits"]
    ]
    change = {"artifactLocation": {"uri": _uri(remark["file"])}, "replacements": replacements}
    return {
        "description": {"text": say(catalogue, message("lint/correct", about=remark["about"]))},
        "artifactChanges": [change],
    }


def _without_links(text: str) -> str:
    """The text with brackets escaped where SARIF would read ``[text](target)`` as a link."""
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _uri(file: str) -> str:
    """A path as a URI, also one that is not UTF-8. A relative path stays relative, to the root of the checkout."""
    path = quote(_NO_BYTE.sub("\ufffd", file.removeprefix("./")).encode("utf-8", "surrogateescape"), safe="/")
    return f"file://{path}" if path.startswith("/") else path
