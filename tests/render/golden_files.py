"""Writes tests/render/golden: make golden. A change of what reports say is seen there by who reviews it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from maintainer.render.document import Document, as_json, document
from maintainer.render.markdown import markdown
from maintainer.render.terminal import terminal
from maintainer.render.words import Catalogue, load
from tests.render.golden_report import golden

FOLDER = Path(__file__).parent / "golden"

ENDINGS: Mapping[str, Callable[[Document, Catalogue], str]] = {
    "md": markdown,
    "json": lambda made, _: as_json(made),
    "txt": lambda made, catalogue: terminal(made, catalogue, width=100, colour=False),
}


def texts() -> Mapping[str, str]:
    """What each file has, by its name."""
    made: dict[str, str] = {}
    for language in ("en", "ko"):
        catalogue = load(language)
        worded = document(golden(), catalogue)
        made |= {f"report.{language}.{ending}": render(worded, catalogue) for ending, render in ENDINGS.items()}
    return made


def write() -> None:
    """Write the files anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
