"""Judges documents by docs/report.schema.json, with a validator that is not ours."""

import json
from functools import cache

from jsonschema import Draft202012Validator

from maintainer.model.report import Report
from maintainer.render.document import Document, as_json, document
from maintainer.render.words import load
from tests.render.schema_file import FILE


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(FILE.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(document: Document) -> list[str]:
    """What the schema does not allow in the JSON of a document."""
    found = _validator().iter_errors(json.loads(as_json(document)))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def valid(report: Report) -> Report:
    """The same report, whose JSON the schema allows."""
    assert problems(document(report, load("en"))) == []
    return report


def valid_json(text: str) -> str:
    """The same JSON of a report, which the schema allows."""
    assert problems(json.loads(text)) == []
    return text
