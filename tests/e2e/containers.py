"""Runs the image that `make image` builds, as a pod runs it."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INSIDE = ROOT / "tools" / "containers.sh"
IMAGE = "localhost/maintainer"
RESTRICTED = (
    # Without the folder for temporary files that podman adds, and with what the restricted pod security requires.
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--network=host",
)


@dataclass(frozen=True, slots=True)
class Container:
    """A container to run.

    ``files`` are files and folders of this machine by their path inside, all read-only. ``empty`` are folders to write
    to.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()

    def command(self, *arguments: str, program: str = "") -> list[str]:
        """The command that runs it; ``program`` is another one than ``maintainer``."""
        mounted = [f"--volume={path}:{inside}:ro" for inside, path in self.files.items()]
        mounted += [f"--tmpfs={folder}" for folder in self.empty]
        variables = [f"--env={name}={value}" for name, value in self.environment.items()]
        other = [f"--entrypoint={json.dumps([program])}"] if program else []
        options = (*RESTRICTED, *mounted, *variables, *other)
        return [str(INSIDE), "podman", "run", "--rm", *options, IMAGE, *arguments]

    def run(self, *arguments: str, program: str = "") -> "subprocess.CompletedProcess[str]":
        """Run it to its end."""
        return finished(self.command(*arguments, program=program))


def inspected() -> dict[str, Any]:
    """The configuration of the image."""
    [image] = json.loads(finished([str(INSIDE), "podman", "image", "inspect", IMAGE]).stdout)
    configuration: dict[str, Any] = image["Config"]
    return configuration


def found(*conditions: str) -> list[str]:
    """The files of the image, as its superuser sees them, that fit what `find` is given."""
    look = 'root=$(podman image mount "$1") && shift && cd "$root" && find . -xdev "$@"'
    return finished([str(INSIDE), "sh", "-c", look, "sh", IMAGE, *conditions]).stdout.split()


def finished(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """The command, run to its end without the environment of this process."""
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
