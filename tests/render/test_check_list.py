"""All checks of a report: those that passed, too."""

from dataclasses import replace

from maintainer.render.document import document
from maintainer.render.html import html
from maintainer.render.outline import outline
from tests.render.sample_report import accepted, english, finding, gap, report

MADE = replace(
    report(
        findings=(
            finding("query/no-data", "warning"),
            finding("query/no-data"),
            finding("query/error", "info"),
            accepted(),
        ),
        gaps=(gap("panel/value"), gap("query/no-data")),
    ),
    passed=("accuracy/phase", "new/check"),
    not_chosen=("label/namespace",),
)


def test_every_check_is_listed_once_by_what_became_of_it() -> None:
    groups = outline(document(MADE, english()), english()).checks
    assert [(group.counts, [(check.id, check.tone) for check in group.checks]) for group in groups] == [
        ("2 checks have findings", [("query/error", "info"), ("query/no-data", "error")]),
        ("1 check could not run", [("panel/value", "none")]),
        ("2 checks passed", [("accuracy/phase", "ok"), ("new/check", "ok")]),
    ]
    assert {check.id: check.means[:19] for group in groups for check in group.checks} == {
        "query/error": "Prometheus refuses ",
        "query/no-data": "A selector finds no",
        "panel/value": "The number that a p",
        "accuracy/phase": "The phase in rollou",
        "new/check": "",
    }


def test_a_report_without_checks_lists_none() -> None:
    assert outline(document(report(), english()), english()).checks == ()


def test_the_name_of_a_check_leads_to_its_page_or_else_to_what_it_means() -> None:
    bare = html(document(MADE, english()), english())
    for check in ("query-no-data", "query-error", "panel-value", "accuracy-phase", "label-namespace"):
        assert bare.count(f'id="check-{check}"') == 1
    assert bare.count('href="#check-query-no-data"') == 4
    assert bare.count('href="#check-panel-value"') == 1

    linked = html(document(MADE, english(), docs_url="https://docs.example/"), english())
    assert 'href="#check-' not in linked
    assert linked.count('href="https://docs.example/checks/accuracy/phase.md"') == 1
    assert linked.count('href="https://docs.example/checks/panel/value.md"') == 2
