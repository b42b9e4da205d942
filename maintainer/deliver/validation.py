"""Reads what is about to be written as Prometheus would: with promtool where there is one, else as YAML and JSON."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from maintainer.model import trees
from maintainer.model.secret_text import bare_urls

_SECONDS = 60.0
_LONGEST = 600
"""The most characters that are quoted of what promtool says."""


def promtool() -> str:
    """The path of promtool, "" if there is none."""
    return shutil.which("promtool") or ""


def problem(body: Mapping[str, Any], promtool: str = "") -> str:
    """What is wrong with the files in an object, "" if nothing is; ``promtool`` is its path, "" if there is none."""
    if "groups" in (body.get("spec") or {}):  # of a PrometheusRule
        return _checked("spec.yml", yaml.safe_dump(body["spec"]), promtool)
    for key, text in (body.get("data") or {}).items():
        if text is not None and (found := _checked(key, text, promtool)):
            return f"{key}: {found}"
    return ""


def _checked(key: str, text: str, promtool: str) -> str:
    if not key.endswith((".json", ".yml", ".yaml")):
        return ""
    try:
        documents = trees.documents(text, only_json=key.endswith(".json"))
    except trees.Broken as error:
        return f"line {error.line}: {error.problem}"
    command = _command(documents[0] if documents else None)
    return _asked(promtool, command, text) if promtool and command else ""


def _command(document: object) -> tuple[str, ...]:
    """What promtool is asked about a file of Prometheus; () if it is none."""
    if not isinstance(document, Mapping):
        return ()
    if "groups" in document:
        return "check", "rules"
    return ("check", "config", "--syntax-only") if "scrape_configs" in document else ()


def _asked(promtool: str, command: tuple[str, ...], text: str) -> str:
    with TemporaryDirectory(prefix="maintainer-") as folder:
        file = Path(folder) / "checked.yml"
        file.write_text(text, "utf-8")
        try:
            ended = subprocess.run(  # noqa: S603 # a program that is found on PATH, without a shell
                [promtool, *command, str(file)],
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                text=True,
                errors="replace",
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""  # its text was parsed, and promtool says nothing
    said = f"{ended.stdout} {ended.stderr}".replace(str(file), "it")
    return "" if ended.returncode == 0 else bare_urls(" ".join(said.split()))[:_LONGEST]
