"""The report for machines: the worded document as JSON text."""

import json

from maintainer.render.document import Document


def as_json(document: Document) -> str:
    """The document as indented JSON that ends with a newline; the same document is always the same text."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
