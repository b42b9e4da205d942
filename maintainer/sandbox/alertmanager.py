"""Starts a real Alertmanager that is not part of an Alertmanager cluster."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maintainer.sandbox.programs import Program, find, start
from maintainer.sandbox.serving import HOST
from maintainer.sandbox.stack import text

NAMES = ("alertmanager", "prometheus-alertmanager")
"""The names of the program: upstream's and Debian's."""


def launch(folder: Path, config: Mapping[str, Any], *, port: int) -> Program:
    """Start Alertmanager with its files in the folder. Raises ``ConfigError`` if it is not installed."""
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
