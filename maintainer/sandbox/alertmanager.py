"""A real Alertmanager, alone: it looks for no others of its kind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maintainer.sandbox.programs import Program, find, start
from maintainer.sandbox.serving import HOST
from maintainer.sandbox.stack import text

NAMES = ("alertmanager", "prometheus-alertmanager")
"""What the program is called; the second is Debian's name."""


def launch(folder: Path, config: Mapping[str, Any], *, port: int) -> Program:
    """Start Alertmanager in the folder. Raises ``ConfigError`` where there is none."""
    (folder / "alertmanager.yml").write_text(text(config), "utf-8")
    [program] = find(NAMES)
    command = [
        program,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    return start("Alertmanager", command, folder=folder, port=port)
