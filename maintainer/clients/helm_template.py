"""Renders a chart with the helm of this machine, also with texts in place of those of its files."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from maintainer.errors import SourceUnavailable
from maintainer.model.secret_text import bare_urls

_SECONDS = 60.0
_LONGEST = 600
"""The most characters that are quoted of what helm says."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A copy of a chart in a folder of its own, and helm's path; the files of the chart itself stay untouched."""

    helm: str
    copy: Path
    original: Path

    def manifests(self, texts: Mapping[str, str], release: tuple[str, str], values: Mapping[str, Any]) -> str:
        """The manifests of a release, by namespace and name, with these texts and values.

        Raises :class:`SourceUnavailable` if helm cannot be run or refuses.
        """
        namespace, name = release
        given = self.copy.parent / "values.json"
        given.write_text(json.dumps(values), "utf-8")
        for path, text in texts.items():
            (self.copy / path).write_bytes(text.encode())
        try:
            return self._run("template", name, str(self.copy), "--namespace", namespace, "--values", str(given))
        finally:
            for path in texts:
                shutil.copyfile(self.original / path, self.copy / path)

    def _run(self, *words: str) -> str:
        try:
            ended = subprocess.run(  # noqa: S603 # a program that is found on PATH, without a shell
                [self.helm, *words, "--no-hooks"],
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                text=True,
                errors="replace",
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SourceUnavailable("helm-failed", permanent=True, detail=bare_urls(str(error))[:_LONGEST]) from error
        if ended.returncode:
            said = ended.stderr.replace(str(self.copy), str(self.original))
            raise SourceUnavailable("helm-failed", permanent=True, detail=bare_urls(" ".join(said.split()))[:_LONGEST])
        return ended.stdout


@contextmanager
def rendering(helm: str, folder: str) -> Iterator[Rendering]:
    """A rendering of the chart in a folder."""
    with TemporaryDirectory(prefix="maintainer-") as place:
        copy = Path(place) / "chart"
        shutil.copytree(folder, copy)
        yield Rendering(helm, copy, Path(folder))
