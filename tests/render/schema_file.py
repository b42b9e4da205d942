"""Writes docs/report.schema.json: make schema."""

import json
from pathlib import Path

from maintainer.render.document_schema import json_schema

FILE = Path(__file__).parents[2] / "docs" / "report.schema.json"


def text() -> str:
    """The file's content."""
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
