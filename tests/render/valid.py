"""Judges documents by docs/report.schema.json, with a validator that is not ours."""

import json
from functools import cache

from jsonschema import Draft202012Validator

from maintainer.render.document import Document, as_json
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
