"""The quarterly report, from what the archive has to the words."""

import csv
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from maintainer.analyse.alerts.people import labels_of
from maintainer.analyse.alerts.promises import KIND, Promise, as_data
from maintainer.errors import EXIT_INCOMPLETE, ConfigError
from maintainer.model.alerts import MINUTE, Agreement, AlertHistory, Impact, ImpactRun, MissingTime, Run
from maintainer.model.clock import Clock
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message
from maintainer.render.document import Document
from maintainer.render.episodes_csv import episodes_csv
from maintainer.render.formats import FORMATS, attached
from maintainer.render.words import load
from maintainer.reporting import Machine
from maintainer.runner import run
from maintainer.schedule import run_by_hand
from maintainer.store.archive import append
from maintainer.store.directory import DirectoryStore
from tests.analyse.alerts.histories import (
    END,
    START,
    STUCK,
    at,
    episode,
    event,
    history,
    outcomes,
    phase,
    revision,
    rule,
    short,
)
from tests.render.promtool_said import said_of
from tests.scenarios.quarters import NOW, archived, reviewed, settings_of, table, worded

ROOT = Path(__file__).parents[2]

DEAD = rule("RolloutFailed", 'rollout_info{phase="Degraded"} == 1', hold=5 * MINUTE)
LONGER = replace(STUCK, hold=25 * MINUTE)
ERRORS = rule("RolloutErrors", "sum(rate(http_errors_total[5m])) > 0.05")


def busy() -> AlertHistory:
    """A quarter with something of everything, and 40 days in which nothing was harvested."""
    aborts = [event("RolloutAborted", at(day, 12, 5)) for day in (5, 6, 7)]
    revisions = [revision(at(day)) for day in (5, 6, 7)]
    phases = [phase("Abort", at(day, 12, 5), minutes=90) for day in (5, 6, 7)]
    prevented = (
        revision(at(9)),
        event("AnalysisRunFailed", at(9, 12, 4)),
        event("RolloutAborted", at(9, 12, 5)),
        phase("Abort", at(9, 12, 5), minutes=60),
    )
    outage = short(at(30), minutes=40), phase("Timeout", at(30, 12, 10))
    noisy = [episode(at(10 + number, 3 if number % 2 else 14)) for number in range(14)]
    gap = MissingTime(at(40, 0), at(80, 0), message("harvest/not-harvested"))
    return history(
        *noisy,
        episode(at(9)),
        episode(at(30), minutes=30),
        episode(at(85), LONGER),
        episode(at(86), fired=False, minutes=13),
        rules=(STUCK, DEAD, LONGER, ERRORS),
        outcomes=outcomes(*aborts, *revisions, *phases, *prevented, *outage),
        missing=(gap,),
        agreement=tuple(Agreement(STUCK.version, at(day, 0), 3, 1, 0, 0) for day in range(9, 30)),
    )


SCENARIOS: Mapping[str, AlertHistory] = {
    "quiet": history(),
    "busy": busy(),
    "unseen": history(rules=(), coverage=(), missing=(MissingTime(at(0, 0), at(92, 0), message("harvest/x")),)),
}


@cache
def found(scenario: str, language: str = "en") -> Document:
    return worded(reviewed(SCENARIOS[scenario]), language)


def test_a_quiet_and_correct_quarter_has_no_finding() -> None:
    document = found("quiet")

    assert (document["findings"], document["gaps"], document["verdict"]) == ([], [], "ok")
    assert document["figures"]["days.covered"] == 92


def test_prometheus_is_asked_for_nothing() -> None:
    assert found("busy")["figures"]["prometheus.requests"] == 0


def test_40_days_without_a_harvest_are_named_and_count_neither_as_quiet_nor_as_noise() -> None:
    document = found("busy")

    (gap,) = document["gaps"]
    assert (gap["check"], gap["kind"]) == ("alert/precision", "permanent")
    assert gap["reason"].startswith("Only 52 of 92 days of the quarter were seen")
    assert document["figures"]["days.covered"] == 52
    assert table(document, "missing")[0][:2] == ["2026-08-10T00:00:00+00:00", "2026-09-19T00:00:00+00:00"]
    (lanes,) = (section for section in document["sections"] if section["kind"] == "lanes")
    assert [(one["start"][:10], one["end"][:10]) for one in lanes["unseen"]] == [("2026-08-10", "2026-09-19")]


def test_a_quarter_of_which_nothing_was_seen_says_so_and_nothing_else() -> None:
    document = found("unseen")

    assert document["verdict"] == "incomplete"
    assert document["figures"]["days.covered"] == 0
    assert not {"silent", "alerts", "episodes"} & {section.get("name") for section in document["sections"]}
    (gap,) = document["gaps"]
    assert gap["reason"].startswith(
        "Nothing of this quarter is in the archive, so nothing of it can be reviewed. A new"
    )
    (heatmap,) = (section for section in document["sections"] if section["kind"] == "heatmap")
    assert all(cell is None for row in heatmap["cells"] for cell in row)


def test_a_dead_rule_is_found_with_what_it_would_have_told() -> None:
    (dead,) = (finding for finding in found("busy")["findings"] if finding["check"] == "alert/dead")

    assert dead["severity"] == "error"
    assert dead["evidence"]["corrected"] == 'rollout_info{phase=~"Timeout|Error|Abort|InvalidSpec"} == 1'
    assert dead["evidence"]["wouldFire"] == 5
    assert len(dead["evidence"]["wouldTell"]) == 5
    assert "keep the alert" in dead["action"]


def test_noise_is_found_by_its_precision() -> None:
    (noisy,) = (finding for finding in found("busy")["findings"] if finding["check"] == "alert/precision")

    assert noisy["severity"] == "warning"
    assert noisy["summary"] == (
        "Few cases of the alert RolloutStuck were real: 1 of 16. "
        "The share of real cases is between 1 and 28 %, at 95 % confidence."
    )


def test_a_threshold_out_of_reach_is_found() -> None:
    far = [finding for finding in found("busy")["findings"] if finding["check"] == "alert/unreachable"]

    assert [finding["subjects"][0]["name"] for finding in far] == ["RolloutErrors"]


def test_what_to_do_is_in_the_order_of_pages_at_night_that_caught_nothing() -> None:
    rows = table(found("busy"), "first")

    assert rows[0][:3] == ["RolloutStuck", 7, 15]
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    assert {row[3] for row in rows} == {
        "alert/dead", "alert/precision, alert/transient, alert/tuning", "alert/repeating", "alert/unreachable",
    }  # fmt: skip


def test_a_rule_is_given_one_value_of_its_for_by_all_findings_that_it_remedies() -> None:
    findings = [finding for finding in found("busy")["findings"] if finding["subjects"][0]["name"] == "RolloutStuck"]
    actions = {finding["check"]: finding["action"] for finding in findings}

    assert actions["alert/transient"] == actions["alert/precision"] == actions["alert/tuning"]
    assert actions["alert/tuning"] == "Give the rule RolloutStuck a for of 25m in place of 15m"
    assert actions["alert/repeating"].startswith("Find out why RolloutStuck fires")


QUICK = replace(STUCK, hold=MINUTE)
HARM = tuple(ImpactRun((("name", "web"), ("namespace", "shop")), at(day), at(day, 12, 12)) for day in (10, 20, 40))


def test_harm_to_users_is_an_incident_and_makes_an_alert_real() -> None:
    asked = Impact(HARM, (Run(START, at(50)),))
    pages = (episode(at(40), QUICK), episode(at(45), QUICK), episode(at(60), QUICK))
    known = history(*pages, rules=(QUICK,), impact=asked, impact_unseen=(Run(at(50), END),))
    report = worded(reviewed(known))

    assert [row[11] for row in table(report, "episodes")] == ["real", "noise", "undetermined"]
    assert [(row[3], row[4]) for row in table(report, "incidents")] == [
        ("users were harmed", "-"),
        ("users were harmed", "-"),
        ("users were harmed", "RolloutStuck"),
    ]
    assert ["Days of which it is known whether users were harmed", "50.5 of 92"] in table(report, "seen")


def test_a_rule_that_was_nearly_in_time_is_given_the_for_that_was_tried() -> None:
    near = [episode(run.first, fired=False, minutes=13) for run in HARM]
    known = history(*near, impact=Impact(HARM, (Run(START, END),)))
    actions = {finding["check"]: finding["action"] for finding in worded(reviewed(known))["findings"]}

    assert (
        actions["alert/unpaged"] == actions["alert/tuning"] == "Give the rule RolloutStuck a for of 12m in place of 15m"
    )


def test_a_page_has_the_columns_of_the_episodes_that_a_person_reads_and_the_file_has_all() -> None:
    page = FORMATS["md"](found("busy"), load("en"))
    file = attached(found("busy"))["quarterly-prod-2026-10-01.episodes.csv"]

    assert "| Alert | Namespace | Rollout | Fired | Minutes | Verdict | Why |" in page
    assert "whose name ends in episodes.csv" in page
    assert file.removeprefix("\ufeff").startswith("alert,severity,namespace,rollout,version,active_at,fired_at,")
    assert '<details><summary>17 rows<span class="vh">: All episodes that fired' in FORMATS["html"](
        found("busy"), load("en")
    )


def test_hours_are_read_as_hours_and_computed_again_from_minutes() -> None:
    assert "| Hours | Hours in the quarter | Hours seen | Pages | For nothing |" in FORMATS["md"](
        found("quiet"), load("en")
    )
    rows = table(found("quiet"), "hours")
    assert sum(row[5] for row in rows) == 92 * 24
    assert [row[5:] for row in rows] == [[row[1] / 60, row[2] / 60] for row in rows]


def test_only_incidents_are_shaded_and_other_trouble_is_a_line() -> None:
    (lanes,) = (section for section in found("busy")["sections"] if section["kind"] == "lanes")
    (lane,) = lanes["lanes"]

    assert [one["label"] for one in lane["incidents"]] == ["shop/web 2026-07-31T12:00Z"]
    assert [one["label"] for one in lane["trouble"]] == ["a deployment was aborted"] * 3 + [
        "analysis aborted a bad version in time"
    ]


def test_each_version_of_a_rule_has_a_row_of_its_own() -> None:
    rows = [row[:3] for row in table(found("busy"), "alerts") if row[0] == "RolloutStuck"]

    assert rows == [["RolloutStuck", STUCK.version[:8], "15m"], ["RolloutStuck", LONGER.version[:8], "25m"]]


def test_trouble_that_nobody_was_paged_for_has_the_rule_that_came_nearest() -> None:
    rows = table(found("busy"), "missed")

    assert [row[2:] for row in rows] == [
        ["a deployment was aborted", "RolloutFailed", "it can never fire; corrected, it would have told of this"]
    ] * 3


def test_incidents_that_analysis_prevented_are_counted() -> None:
    document = found("busy")

    assert document["figures"]["incidents.prevented"] == 1
    assert table(document, "prevented")[0][3] == "RolloutStuck"


def test_agreement_is_shown_by_rule_and_week() -> None:
    rows = table(found("busy"), "agreement")

    assert rows[0] == ["RolloutStuck", STUCK.version[:8], "2026-07-08", 20, 75.0, 100.0]
    assert len(rows) == 4


def test_pages_are_called_estimated_unless_they_were_recorded(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("")

    recorded = worded(reviewed(SCENARIOS["busy"], **{"alerts.eventsFile": str(events)}))

    assert table(found("busy"), "seen")[2][1].startswith("estimated by alerts.route")
    assert table(recorded, "seen")[2][1] == "from Alertmanager's event recorder"
    assert recorded["figures"]["pages.all"] == 0


def test_the_verdicts_of_people_come_back_by_the_table_of_the_episodes(tmp_path: Path) -> None:
    rows = list(csv.DictReader(StringIO(episodes_csv(found("busy")).removeprefix("\ufeff"))))
    rows[0] |= {"verdict": "real", "who": "kim"}
    filled = tmp_path / "episodes.csv"
    with filled.open("w", newline="") as file:
        table_ = csv.DictWriter(file, rows[0].keys())
        table_.writeheader()
        table_.writerows(rows)

    again = worded(reviewed(SCENARIOS["busy"], **{"alerts.labelsFile": str(filled)}))

    assert again["figures"]["episodes.real"] == found("busy")["figures"]["episodes.real"] + 1
    assert table(again, "episodes")[0][11:13] == ["real", "label"]


def test_an_incident_on_record_is_caught_or_not(tmp_path: Path) -> None:
    file = tmp_path / "incidents.yaml"
    file.write_text("incidents: [{id: INC-1, start: 2026-07-11T14:00:00, end: 2026-07-11T15:00:00}]")

    document = worded(reviewed(SCENARIOS["busy"], **{"alerts.incidentsFile": str(file)}))

    assert [(row[0], row[3], row[4]) for row in table(document, "incidents")] == [
        ("INC-1", "on record", "RolloutStuck"),
        ("shop/web 2026-07-31T12:00Z", "found in the metrics", "RolloutStuck"),
    ]


@pytest.mark.parametrize("text", ["", "incidents:"])
def test_an_incident_file_with_nothing_in_it_is_an_error(text: str, tmp_path: Path) -> None:
    file = tmp_path / "incidents.yaml"
    file.write_text(text)

    with pytest.raises(ConfigError, match=r"alerts.incidentsFile is refused: .* write incidents: \[\]"):
        reviewed(SCENARIOS["quiet"], **{"alerts.incidentsFile": str(file)})


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the file .* of alerts\.labelsFile: No such file"):
        reviewed(SCENARIOS["quiet"], **{"alerts.labelsFile": str(tmp_path / "none.csv")})


def test_the_table_of_the_episodes_holds_no_formula_and_can_be_read_again() -> None:
    hostile = replace(episode(at(3)), labels=(("name", '=HYPERLINK("x")'), ("namespace", "+1\n-2;a=b")))
    text = episodes_csv(worded(reviewed(history(hostile))))

    assert text.startswith("\ufeffalert,severity,")
    (row,) = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    assert row["rollout"] == '\'=HYPERLINK("x")'
    assert row["namespace"] == "'+1 -2;a=b"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row.values())
    row["verdict"] = "noise"
    filled = ",".join(row) + "\r\n" + ",".join('"{}"'.format(cell.replace('"', '""')) for cell in row.values())
    assert labels_of(filled, ZoneInfo("UTC"))[0].labels[0] == ("name", '=HYPERLINK("x")')


def test_the_table_stands_beside_the_report_if_anything_fired() -> None:
    assert list(attached(found("busy"))) == ["quarterly-prod-2026-10-01.episodes.csv"]
    assert attached(found("quiet")) == {}


def jq_lines() -> list[tuple[str, str]]:
    return re.findall(r"^`([\w.-]+)`: .+\n\n```jq\n(.+)\n```$", (ROOT / "docs/numbers.md").read_text("utf-8"), re.M)


@pytest.mark.parametrize(("scenario", "language"), [("quiet", "en"), ("busy", "en"), ("busy", "ko"), ("unseen", "ko")])
def test_each_figure_is_computed_again_by_its_jq_line(scenario: str, language: str) -> None:
    jq = shutil.which("jq")
    assert jq, "jq is needed: apt-get install jq"
    document = found(scenario, language)
    lines = dict(jq_lines())
    program = "{" + ", ".join(f"{json.dumps(name)}: ({line})" for name, line in lines.items()) + "}"
    done = subprocess.run([jq, program], input=json.dumps(document), capture_output=True, text=True, check=True)

    told = {name: value for name, value in document["figures"].items() if not name.startswith(("prometheus", "kubern"))}
    assert json.loads(done.stdout) == told


@pytest.mark.extended
@pytest.mark.parametrize("format_", ["html", "md"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_report_is_rendered(scenario: str, language: str, format_: str) -> None:
    text = FORMATS[format_](found(scenario, language), load(language))

    assert "2026" in text
    assert not re.search(r"\b(?:quarterly|alert|silent|missed|verdict)/[a-z.-]+\.(?:summary|action|lead)", text)


def test_the_review_reads_the_store_and_writes_the_table_of_the_episodes_beside_the_report(tmp_path: Path) -> None:
    append(DirectoryStore(str(tmp_path / "store")), archived(SCENARIOS["busy"]), NOW, keep=15)
    flags = {"store.kind": "directory", "store.path": str(tmp_path / "store"), "reports.directory": str(tmp_path)}
    settings = settings_of(**flags)
    scheduled = run_by_hand("quarterly", NOW, settings.schedule, label="2026-Q3")

    outcome = run(scheduled, settings, Machine(Clock(lambda: 0.0, lambda _: None), NOW, "0"))

    assert outcome.exit_code == EXIT_INCOMPLETE
    assert [path.suffixes[-1] for path in outcome.files[:4]] == [".html", ".md", ".json", ".csv"]
    endings = ("rules.yml", "test.yml", "rules.patch", "prometheusrule.patch", "values.patch")
    beside = "quarterly-prod-2026-10-01.2026-Q3-RolloutStuck-for"
    assert [path.name for path in outcome.files[4:]] == [f"{beside}.{end}" for end in endings]
    page = outcome.files[1].read_text()
    assert [end for end in endings[2:] if f"RolloutStuck-for.{end}" not in page] == []
    assert "SUCCESS" in said_of({path.name: path.read_text() for path in outcome.files[4:6]}, tmp_path)
    assert json.loads(outcome.files[2].read_text())["figures"]["episodes.fired"] == 17
    assert outcome.files[3].read_bytes().startswith(b"\xef\xbb\xbfalert,")


def test_the_first_table_says_what_came_of_the_last_advice(tmp_path: Path) -> None:
    taken = Promise("RolloutStuck", "for", "0", LONGER.version, LONGER.expr, LONGER.hold, 0, before=9.0, after=2.0)
    ignored = Promise(
        "RolloutStuck", "keep", STUCK.version, "1", STUCK.expr, STUCK.hold, 5 * MINUTE, before=9.0, after=2.0
    )
    data = as_data([taken, ignored], "2026-Q2")
    store = DirectoryStore(str(tmp_path / "store"))
    lines = (*archived(SCENARIOS["busy"]), ArchiveLine("prod", KIND, datetime(2026, 7, 1, tzinfo=UTC), data))
    append(store, lines, NOW, keep=15)
    flags = {"store.kind": "directory", "store.path": str(tmp_path / "store"), "reports.directory": str(tmp_path)}
    settings = settings_of(**flags)
    scheduled = run_by_hand("quarterly", NOW, settings.schedule, label="2026-Q3")

    outcome = run(scheduled, settings, Machine(Clock(lambda: 0.0, lambda _: None), NOW, "0"))

    first = outcome.document["sections"][0]
    assert first["title"] == "What came of the last advice"
    assert [row[0] for row in first["rows"]] == ["RolloutStuck"] * 2
    assert [row[2]["text"] for row in first["rows"]] == ["made", "not made"]
    assert [row[5]["text"] for row in first["rows"]] == ["kept", "cannot be said"]


def test_advice_says_what_it_spares_what_it_may_cost_and_what_to_do() -> None:
    (found_,) = (finding for finding in found("busy")["findings"] if finding["check"] == "alert/tuning")
    assert found_["summary"].startswith("With a for of ")
    assert "RolloutStuck would have fired less often: " in found_["summary"]
    assert "On the last third of the time, which was not used to choose the change" in found_["summary"]
    assert found_["action"].startswith("Give the rule RolloutStuck a for of ")
    assert found_["reproduce"] == "promtool test rules *-RolloutStuck-for.test.yml"


@pytest.mark.parametrize(
    ("job", "label", "said"),
    [
        ("monthly", "2026-09", "monthly looks at the present, and not at 2026-09"),
        ("quarterly", "2026-Q5", "'2026-Q5' is no quarter; write it as 2026-Q3"),
        ("quarterly", "2026-09", "'2026-09' is no quarter"),
        ("quarterly", "2027-Q1", "2027-Q1 has not begun; the last one that is over is 2026-Q3"),
    ],
)
def test_a_period_that_a_job_cannot_be_about_is_an_error(job: str, label: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        run_by_hand(job, NOW, settings_of().schedule, label=label)


def test_a_quarter_that_is_not_over_is_reviewed_up_to_now() -> None:
    scheduled = run_by_hand("quarterly", NOW, settings_of().schedule, label="2026-Q4")

    assert (scheduled.label, scheduled.period.label) == ("2026-Q4", "2026-Q4")


def test_times_of_tables_are_read_to_the_minute_and_alerts_that_only_fire_for_nothing_are_not_called_broken() -> None:
    text = FORMATS["md"](found("busy"), load("en"))

    assert "| 2026-08-10 00:00 | 2026-09-19 00:00 |" in text
    assert "**3 alerts need a change, and 1 check could not run**" in text


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (1, "notifications of all alerts: 24; pages in the same time (1 d): 1. It counts other alerts"),
        (0, "notifications of all alerts: 0; pages in the same time (1 d): 1. The estimate is too high"),
        (None, "not known: no harvest saw the counter"),
    ],
)
def test_what_alertmanager_counted_stands_beside_the_estimate(each: int | None, said: str) -> None:
    hours = tuple(
        replace(hour, notified=each) if at(3, 0) <= hour.start < at(4, 0) else hour for hour in history().coverage
    )
    document = worded(reviewed(history(episode(at(3)), coverage=hours)))

    assert table(document, "seen")[3][1].startswith(said)
