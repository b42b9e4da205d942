"""Jinja for the templates of the reports: their folder, and the functions and filters that they use."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from maintainer.model.message import Param, message
from maintainer.render.area_chart import area_chart
from maintainer.render.before_after import pairs
from maintainer.render.corrections import corrections, without_corrections
from maintainer.render.diff_rows import diff_rows
from maintainer.render.document import Document
from maintainer.render.evidence import SHOWN, blocks, records, scalars
from maintainer.render.folding import ROWS, most_findings
from maintainer.render.grids import day_name, diff_lines, grid, minute, shares, thinned, weeks
from maintainer.render.heat import heat_rows, steps
from maintainer.render.lane_chart import lane_chart
from maintainer.render.pipeline_picture import pipeline_picture
from maintainer.render.standing import accepted_words, standing
from maintainer.render.words import Catalogue, number, say


def templates() -> Path:
    """The folder of the templates: in a built package, or else in the source tree."""
    packaged = Path(__file__).with_name("templates")
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "reports" / "templates"


def environment(catalogue: Catalogue, finalize: Callable[[Any], Any]) -> Environment:
    """Jinja for a kind of output. ``finalize`` gets every value before it is written.

    In templates, ``t(id, **params)`` is a sentence of the catalogue, and the functions of
    :mod:`maintainer.render.grids` make tables of sections and evidence. HTML is escaped. Raises
    jinja2.UndefinedError for a name that does not exist.
    """

    def t(id_: str, **params: Param) -> str:
        return say(catalogue, message(id_, **params))

    in_words = partial(say, catalogue)
    jinja = Environment(
        loader=FileSystemLoader(templates()),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals |= {
        "t": t,
        "grid": lambda section: grid(section, catalogue),
        "area_chart": lambda section: area_chart(section, in_words),
        "lane_chart": lambda section: lane_chart(section, in_words),
        "pairs": lambda section: pairs(section, in_words),
        "heat_rows": heat_rows,
        "heat_steps": steps,
        "thinned": thinned,
        "pipeline_picture": lambda report: pipeline_picture(report, catalogue),
        "diff_lines": diff_lines,
        "diff_rows": diff_rows,
        "shares": shares,
        "weeks": weeks,
        "day_name": day_name,
        "shown": SHOWN,
        "rows_shown": ROWS,
        "most_findings": most_findings,
        "accepted_words": lambda finding: accepted_words(finding, partial(say, catalogue)),
        "standing": lambda finding: standing(finding, partial(say, catalogue)),
    }
    jinja.filters |= {
        "minute": minute,
        "number": number,
        "scalars": partial(scalars, catalogue=catalogue),
        "records": partial(records, catalogue=catalogue),
        "blocks": partial(blocks, catalogue=catalogue),
        "subject": subject_name,
        "corrections": corrections,
        "without_corrections": without_corrections,
        "linked": _linked,
    }
    return jinja


def subject_name(subject: Document) -> str:
    """The kind, namespace and name of a subject."""
    return "/".join(part for part in (subject["kind"], subject["namespace"], subject["name"]) if part)


def _linked(page: str) -> bool:
    """Whether the page of a check has a URL, and not only a path in the repository."""
    return page.startswith(("https://", "http://"))
