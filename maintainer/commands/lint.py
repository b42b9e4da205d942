"""Lints and corrects files, and prints the remarks."""

import os
import re
import sys
from functools import partial
from typing import TextIO

from maintainer.analyse.queries.lint import remarks
from maintainer.clients.known_secrets import KnownSecrets, in_environment
from maintainer.collect.queries.files import load_stdin
from maintainer.commands.machine import spare_collector, version
from maintainer.deliver.rewrite import check, rewrite
from maintainer.errors import EXIT_FINDINGS, EXIT_INCOMPLETE, ConfigError
from maintainer.flags import LintFailOn, LintFormat
from maintainer.jobs import lint as job
from maintainer.jobs.lint import Source
from maintainer.model.contract import release
from maintainer.model.report import FAIL_ON, STDOUT
from maintainer.model.secret_text import bare_url
from maintainer.render.hidden import without_secrets
from maintainer.render.lint import difference, rendered
from maintainer.render.lint_document import Lint, document
from maintainer.render.words import load


def lint_files(
    paths: list[str],
    controller: str,
    *,
    format_: LintFormat,
    fix: bool,
    fail_on: LintFailOn,
) -> int:
    """Lint the files, correct them with ``--fix``, print the remarks that are left, and return the exit code."""
    spare_collector()
    if fix and STDOUT in paths:
        raise ConfigError("--fix corrects files in place; it cannot correct stdin")
    judge = partial(remarks, version=_release(controller))
    sources, unreadable = job.sources(paths, _stdin)
    if fix:
        sources = job.fixed(sources, judge)
        _write_fixed(sources, to=sys.stdout if format_ == "text" else sys.stderr)
    linted = job.lint(sources, judge)
    _print_lint(job.left(linted, sources) if fix else linted, format_)
    if unreadable:
        raise ConfigError("\nmaintainer: ".join(map(str, unreadable)))
    if any(remark.severity in FAIL_ON[fail_on] for remark in linted.remarks):
        return EXIT_FINDINGS
    return 0 if job.complete(linted) else EXIT_INCOMPLETE


def _write_fixed(sources: tuple[Source, ...], *, to: TextIO) -> None:
    changed = [source for source in sources if source.text != source.before]
    for source in changed:
        check(source.file, source.before)
    for source in changed:
        rewrite(source.file, source.before, source.text)
        print(difference(source.file, source.before, source.text), file=to, end="")


def _print_lint(linted: Lint, format_: LintFormat) -> None:
    catalogue = load(os.environ.get("MAINTAINER_REPORTS_LANGUAGE", "en"))
    docs_url = bare_url(os.environ.get("MAINTAINER_REPORTS_DOCS_URL", ""))
    worded = document(linted, catalogue, version=version(), docs_url=docs_url)
    worded = without_secrets(worded, KnownSecrets(in_environment(os.environ)).hide)
    print(rendered(worded, format_, catalogue), end="")


def _release(text: str) -> tuple[int, int, int] | None:
    """The controller's version as numbers; ``None`` for ""."""
    if text and not re.fullmatch(r"v?\d+\.\d+(\.\d+)?([-+][\w.+-]*)?", text):
        raise ConfigError(f"--controller {text} is no version; write it as 1.9 or v1.9.2")
    return release(text) if text else None


def _stdin() -> str:
    return load_stdin(sys.stdin.fileno())
