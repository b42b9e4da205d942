"""The picture of the metrics pipeline: the state of a link follows from findings and gaps alone."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.checks import ACCURACY_CHECKS, PIPELINE_CHECKS, QUERY_CHECKS
from maintainer.model.report import Finding, Report, Subject
from maintainer.render.document import document
from maintainer.render.html import html
from maintainer.render.pipeline_picture import ENDS, LINKS_OF, RANK, DrawnLink, Link, State, pipeline_picture
from tests.render.sample_report import accepted, english, finding, gap, report

TWICE = finding("coverage/duplicate")
PLACED = sorted(check for check, links in LINKS_OF.items() if links)


def links(of: Report) -> Mapping[str, DrawnLink]:
    picture = pipeline_picture(document(of, english()), english())
    assert picture is not None
    return {link.name: link for link in picture.links}


def states(of: Report) -> Mapping[str, State]:
    return {name: link.state for name, link in links(of).items()}


def about(check: str, kind: str) -> Finding:
    return replace(finding(check), subjects=(Subject(kind, "", "RolloutStuck"),))


def test_every_check_has_its_place_in_the_table() -> None:
    elsewhere = {"accuracy/meaning", "controller/stale-cache", "coverage/unwatched"}
    audit = {check.id for checks in (ACCURACY_CHECKS, PIPELINE_CHECKS, QUERY_CHECKS) for check in checks}
    assert set(LINKS_OF) == audit - elsewhere
    assert all(LINKS_OF.values())


def test_every_link_has_its_ends_and_a_check() -> None:
    assert tuple(ENDS) == get_args(Link)
    assert {link for of_check in LINKS_OF.values() for link in of_check} == set(ENDS)


def test_a_pipeline_without_findings_and_gaps_works() -> None:
    assert set(states(report()).values()) == {"ok"}


def test_a_target_that_is_scraped_twice_is_not_in_order() -> None:
    twice = links(report(findings=(TWICE,)))["storage"]

    assert (twice.state, twice.word, twice.found) == ("error", "Error", "scraped twice")
    assert twice.anchor == f"f-{TWICE.fingerprint}"
    assert states(report(findings=(TWICE,)))["target"] == "ok"


@pytest.mark.parametrize("check", PLACED)
def test_a_link_whose_check_has_a_gap_is_not_checked(check: str) -> None:
    shown = states(report(gaps=(gap(check),)))

    assert {name for name, state in shown.items() if state == "none"} == set(LINKS_OF[check])
    assert {state for name, state in shown.items() if name not in LINKS_OF[check]} == {"ok"}


def test_a_link_whose_check_was_not_chosen_is_not_checked() -> None:
    shown = links(replace(report(), not_chosen=("pipeline/reload",)))["rules"]

    assert (shown.state, shown.anchor, shown.found) == ("none", "not-chosen", "1 check did not run")


def test_a_gap_does_not_hide_a_finding() -> None:
    shown = links(report(findings=(TWICE,), gaps=(gap("pipeline/scrape"),)))["storage"]

    assert (shown.state, shown.found) == ("error", "scraped twice, 1 check did not run")


def test_an_accepted_finding_is_said_and_an_accepted_gap_is_still_not_checked() -> None:
    known = links(report(findings=(accepted("coverage/duplicate"),)))["storage"]
    unseen = replace(gap("pipeline/scrape"), accepted="known")

    assert (known.state, known.word) == ("accepted", "Accepted")
    assert states(report(findings=(accepted("coverage/duplicate"),), gaps=(unseen,)))["storage"] == "none"


@pytest.mark.parametrize(
    ("check", "kind", "link"),
    [
        ("query/dead-selector", "alert", "rules"),
        ("query/dead-selector", "panel", "dashboards"),
        ("label/namespace", "Target", "storage"),
        ("label/namespace", "variable", "dashboards"),
        ("pipeline/selected", "PrometheusRule", "rules"),
        ("pipeline/selected", "PodMonitor", "target"),
        ("pipeline/alertmanager", "Prometheus", "alertmanager"),
        ("pipeline/alertmanager", "alert", "receiver"),
    ],
)
def test_a_finding_is_at_the_link_of_its_subject(check: str, kind: str, link: str) -> None:
    shown = states(report(findings=(about(check, kind),)))

    assert [name for name, state in shown.items() if state == "error"] == [link]


def test_a_finding_about_subjects_that_no_link_knows_is_at_all_links_of_its_check() -> None:
    shown = states(report(findings=(about("query/dead-selector", "objective"),)))

    assert [name for name, state in shown.items() if state == "error"] == ["rules", "dashboards"]


def test_the_worst_is_named_first_and_the_others_are_counted() -> None:
    ghosts, values = finding("coverage/ghost", "warning"), finding("accuracy/phase")

    assert links(report(findings=(ghosts, values, TWICE)))["storage"].found == "scraped twice, 2 more"
    assert links(report(findings=(ghosts,)))["storage"].state == "warning"


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PLACED), st.sampled_from(["error", "warning", "info"]))),
    st.lists(st.sampled_from(PLACED)),
)
def test_no_link_looks_better_than_the_worst_that_is_said_of_it(found: list[tuple[str, str]], gaps: list[str]) -> None:
    findings = tuple(finding(check, severity, summary=severity) for check, severity in found)  # type: ignore[arg-type]
    shown = states(report(findings=findings, gaps=tuple(map(gap, gaps))))

    for name, state in shown.items():
        said = [severity for check, severity in found if name in LINKS_OF[check]]
        said += ["none" for check in gaps if name in LINKS_OF[check]]
        assert state == min((*said, "ok"), key=RANK.index)


def test_a_job_that_does_not_check_the_pipeline_has_no_picture() -> None:
    assert pipeline_picture(document(replace(report(), job="sample"), english()), english()) is None


def test_each_link_of_the_page_leads_to_its_finding() -> None:
    some = report(findings=(TWICE, about("query/no-data", "panel")), gaps=(gap("pipeline/rbac"),))
    page = html(document(replace(some, not_chosen=("pipeline/reload",)), english()), english())
    figure = page[page.index('id="pipeline"') : page.index("</figure>")]
    anchors = re.findall(r'href="#(?!i-)([^"]+)"', figure)

    assert anchors == ["gaps", f"f-{TWICE.fingerprint}", "not-chosen", anchors[3]]
    assert all(f'id="{anchor}"' in page for anchor in anchors)
