"""The formats of a report, and the names of its files."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from maintainer.render.document import Document, as_json
from maintainer.render.episodes_csv import episodes_csv
from maintainer.render.html import html
from maintainer.render.markdown import markdown
from maintainer.render.words import Catalogue

_UNSAFE = re.compile(r"[^\w.@+=-]+")
_LONGEST_NAME = 60
"""Characters of a cluster in a file name, which may have 255 bytes."""

FORMATS: Mapping[str, Callable[[Document, Catalogue], str]] = {
    "html": html,
    "md": markdown,
    "json": lambda document, _catalogue: as_json(document),
}
"""By format, the function that renders a document."""


def file_name(document: Document, format_: str) -> str:
    """Such as ``monthly-production-2026-11-27.html``: the job, the cluster, and the day of the run in its time zone.

    Names sort by cluster and day. Two clusters never have the same name, and two days neither.
    """
    return f"{document['job']}-{_file_safe(document['cluster'])}-{document['generatedAt'][:10]}.{format_}"


def attached(document: Document) -> Mapping[str, str]:
    """Further files that stand beside a report, by name: the episodes of a quarter as a table."""
    table = episodes_csv(document)
    return {file_name(document, "episodes.csv"): table} if table else {}


def beside(document: Document, files: Mapping[str, str]) -> Mapping[str, str]:
    """Files of a job by the name that they have beside its report, with which they begin; they name each other so."""
    names = {name: file_name(document, name) for name in files}

    def renamed(text: str) -> str:
        for name, new in names.items():
            text = text.replace(name, new)
        return text

    return {names[name]: renamed(text) for name, text in files.items()}


def _file_safe(cluster: str) -> str:
    """The name of a cluster for a file; one that had to be changed ends with a hash, so that no other has it."""
    safe = _UNSAFE.sub("-", cluster).strip("-.")[:_LONGEST_NAME]
    if safe == cluster:
        return safe or "unknown"
    digest = sha256(cluster.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{safe}-{digest}".lstrip("-")
