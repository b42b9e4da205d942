import json
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from maintainer.model.report import Acceptance, Action, Json, Report, Resolved, Subject, UnusedAcceptance
from maintainer.render.document import Document, as_json, document
from tests.render.sample_report import GENERATED, accepted, english, every_kind, finding, gap, report, text

TOP = (
    "schema language job cluster period generatedAt version verdict complete findings comparedWith resolved actions"
    " gaps figures earlier sections unusedAcceptances notChosen passed docs"
)
FINDING = (
    "check fingerprint fingerprints state firstSeen grown shrunk severity subjects"
    " summary evidence reproduce action doc"
)
CONTENT = {
    "table": "lead columns rows numeric",
    "diff": "before after",
    "bars": "unit bars legend",
    "before-after": "lead before after measures",
    "lanes": "lead start end lanes unseen windows",
    "heatmap": "lead unit rows columns cells",
    "area": "lead unit times series limits forecast",
    "calendar": "lead days",
    "text": "paragraphs",
}


def worded(of: Report) -> Document:
    return document(of, english())


def full() -> Report:
    findings = (
        finding(count=3),
        finding("coverage/ghost", "warning", action="Restart the controller"),
        finding("accuracy/meaning", "info"),
        accepted("query/dead-selector"),
    )
    gaps = (gap(), gap("panel/value"), gap("alert/dead", "The archive is empty."))
    resolved = tuple(
        Resolved(check, last, date(2026, 10, 1))
        for check, last in (("rule/b", "02"), ("rule/a", "03"), ("rule/a", "01"))
    )
    made = report(findings=findings, gaps=gaps, sections=every_kind(), figures={"gaps": 3, "findings": 4})
    action = Action("restored", Subject("ConfigMap", "monitoring", "rules"), text("2 alerts were put back."))
    unused = (UnusedAcceptance(Acceptance("query/error", "panel/a", "known"), "unmatched"),)
    return replace(made, resolved=resolved, actions=(action,), unused=unused)


def test_it_has_exactly_the_keys_of_the_contract() -> None:
    made = worded(full())
    assert " ".join(made) == TOP
    assert made["schema"] == "maintainer.report/v1"
    assert list(made["period"]) == ["label", "start", "end", "timeZone"]
    assert {" ".join(item) for item in made["findings"] if item["state"] != "accepted"} == {FINDING}
    assert set(made["findings"][-1]) == {*FINDING.split(), "accepted", "acceptedUntil"}
    assert list(made["findings"][0]["subjects"][0]) == ["kind", "namespace", "name"]
    assert {" ".join(item) for item in made["gaps"]} == {"check kind reason"}
    assert {" ".join(item) for item in made["resolved"]} == {"check fingerprint firstSeen summary"}
    assert {" ".join(item) for item in made["actions"]} == {"kind subject detail"}
    assert {" ".join(item) for item in made["unusedAcceptances"]} == {"check subject reason until why note"}


def test_every_section_has_its_kind_its_title_and_its_content() -> None:
    keys = {section["kind"]: " ".join(section) for section in worded(full())["sections"]}
    assert keys == {kind: f"kind title {content}" for kind, content in CONTENT.items()}


def test_json_round_trips() -> None:
    made = worded(full())
    assert json.loads(as_json(made)) == made
    assert as_json(made).endswith("}\n")


def test_cells_stay_numbers_and_missing_stays_null() -> None:
    table, _, bars, change, lanes, heatmap, area, _, _ = worded(full())["sections"]
    assert table["rows"] == [["batch", 1579], ["batch", 0.25]]
    assert bars["bars"][0] == {"label": "batch", "value": 3, "tone": "error"}
    assert change["measures"][0]["after"] == {"value": 2, "real": None}
    assert lanes["lanes"][0]["episodes"][0]["verdict"] == "real"
    assert heatmap["cells"] == [[3, None]]
    assert area["series"] == [{"name": "batch", "values": [1.5, None]}]


@pytest.mark.parametrize("seed", range(10))
def test_the_order_does_not_depend_on_the_order_of_the_input(seed: int) -> None:
    made, random = full(), Random(seed)
    turned = [replace(item, subjects=tuple(reversed(item.subjects))) for item in made.findings]
    mixed = replace(
        made,
        findings=tuple(random.sample(turned, len(turned))),
        gaps=tuple(random.sample(made.gaps, len(made.gaps))),
        resolved=tuple(random.sample(made.resolved, len(made.resolved))),
        figures=dict(sorted(made.figures.items(), reverse=True)),
    )
    assert as_json(worded(mixed)) == as_json(worded(made))


def test_the_worst_comes_first_and_accepted_last() -> None:
    order = [(item["state"], item["severity"]) for item in worded(full())["findings"]]
    assert order == [("new", "error"), ("new", "warning"), ("new", "info"), ("accepted", "error")]


def test_times_are_in_the_zone_of_the_period() -> None:
    made = worded(replace(report(), generated_at=GENERATED.astimezone(UTC)))
    assert made["generatedAt"] == "2026-11-01T09:00:41+09:00"
    assert made["period"]["start"] == "2026-10-01T00:00:00+09:00"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        worded(replace(report(), generated_at=datetime(2026, 11, 1)))  # noqa: DTZ001


def test_numbers_that_json_cannot_hold_are_written_as_prometheus_does() -> None:
    evidence: dict[str, Json] = {"values": [float("nan"), float("inf"), -float("inf")], "half": "\ud800"}
    made = worded(report(findings=(finding(evidence=evidence),)))
    assert made["findings"][0]["evidence"] == {"values": ["NaN", "+Inf", "-Inf"], "half": "?"}
    assert json.loads(as_json(made)) == made


def test_a_finding_links_to_the_page_of_its_check() -> None:
    made = report(findings=(finding(),))
    assert worded(made)["findings"][0]["doc"] == "docs/checks/accuracy/phase.md"
    elsewhere = document(made, english(), docs_url="https://docs.example/m/")
    assert elsewhere["findings"][0]["doc"] == "https://docs.example/m/checks/accuracy/phase.md"
