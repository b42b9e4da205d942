"""Prints what checks mean."""

import os
import shutil
from difflib import get_close_matches

from maintainer.analyse.checks import CHECKS, READ_FROM
from maintainer.errors import ConfigError
from maintainer.model.secret_text import bare_url
from maintainer.render.explain import ExplainedCheck, all_explained, explained
from maintainer.render.words import load


def explain_check(id_: str) -> None:
    """Print what a check means; "" is all checks. Raises ``ConfigError`` for an unknown id."""
    catalogue = load(os.environ.get("MAINTAINER_REPORTS_LANGUAGE", "en"))
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    if not id_:
        print(all_explained([*CHECKS], catalogue, width=width), end="")
        return
    if id_ not in CHECKS:
        near = get_close_matches(id_, CHECKS, n=1)
        hint = f"did you mean {near[0]}?" if near else "maintainer explain lists all"
        raise ConfigError(f"there is no check {id_}; {hint}")
    check = ExplainedCheck(id_, CHECKS[id_].severity, CHECKS[id_].needs, READ_FROM)
    docs_url = bare_url(os.environ.get("MAINTAINER_REPORTS_DOCS_URL", ""))
    print(explained(check, catalogue, docs_url=docs_url, width=width), end="")
