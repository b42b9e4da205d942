"""What the commands share before they run: their settings and their log."""

import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from maintainer import flags
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.progress import start_log

if TYPE_CHECKING:
    from maintainer.settings import Settings

USUAL_CONFIG = "maintainer.yaml"
"""The file of the settings, unless another is named."""


def config_file(given: str) -> str:
    """The path of the settings, "" if there is no such file."""
    default = USUAL_CONFIG if Path(USUAL_CONFIG).is_file() else ""
    return given or os.environ.get("MAINTAINER_CONFIG", default)


def load_settings(
    file: str, environ: Mapping[str, str], *, given: typer.Context, own: Collection[str] = ()
) -> "Settings":
    """The settings of the file, the environment and the options but the command's ``own``."""
    from maintainer.settings import load, variables
    from maintainer.settings_errors import unknown_variables

    for warning in unknown_variables(environ, [*variables(), "MAINTAINER_CONFIG"]):
        print(f"maintainer: warning: {warning}", file=sys.stderr)
    return load(file, environ, flags.settings_of(given, own))


def begin_log(settings: "Settings", secrets: KnownSecrets) -> None:
    """Start the log on stderr, without secrets in it."""
    as_json = settings.log.format == "json"
    start_log(sys.stderr, level=settings.log.level, as_json=as_json, hide=secrets.hide_in_error)
