"""A whole run of a small job: its report, its files, its exit code, and that it prints nothing."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import pytest

from maintainer.analyse.checks import CHECKS, gaps_of
from maintainer.commands.run import print_outcome
from maintainer.errors import ConfigError, fault_told
from maintainer.jobs.context import JobContext
from maintainer.jobs.monthly import monthly
from maintainer.model.clock import Clock
from maintainer.model.message import message
from maintainer.model.report import Conclusion, Finding, Gap, Period, Severity, Subject
from maintainer.progress import start_log
from maintainer.reporting import Job, Machine, ScheduledRun
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.settings import Settings, load
from tests.servers.hostile import BROKEN_TRANSFERS
from tests.servers.scripted import Scripted, scalar

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
OCTOBER = Period("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), "UTC")
REFUSED = "http://127.0.0.1:9"
"""A port on which nothing listens."""


def monthly_run(job: Job, period: Period = OCTOBER) -> ScheduledRun:
    """A run of a job under the name of the monthly audit."""
    return ScheduledRun("monthly", job, period, period.label, period.start, tuple(CHECKS))


class RunJob(Protocol):
    """Runs a job; ``flags`` are settings by their dotted keys."""

    def __call__(
        self, job: Job, flags: dict[str, Any] | None = None, *, prometheus: str = REFUSED, period: Period = OCTOBER
    ) -> Outcome: ...


@pytest.fixture
def run_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[RunJob]:
    """The reports go to ``tmp_path/out``; the Kubernetes API refuses connections. A run must not print anything."""
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(REFUSED), "utf-8")
    machine = Machine(Clock(lambda: 0.0, lambda _seconds: None), NOW, "1.2.3", str(file))

    def call(
        job: Job, flags: dict[str, Any] | None = None, *, prometheus: str = REFUSED, period: Period = OCTOBER
    ) -> Outcome:
        usual = {"prometheus.url": prometheus, "reports.directory": str(tmp_path / "out")}
        return run(monthly_run(job, period), load("", {}, usual | (flags or {})), machine)

    yield call
    assert capsys.readouterr() == ("", "")


def finding(check: str, severity: Severity = "error", name: str = "prometheus") -> Finding:
    return Finding(
        check=check,
        severity=severity,
        subjects=(Subject("Service", "monitoring", name),),
        cause="failed",
        summary=message("pipeline/reload/failed.summary"),
        action=message("pipeline/reload/failed.action"),
    )


def concluding(*findings: Finding, gaps: tuple[Gap, ...] = ()) -> Job:
    """A job that reads no source."""
    return lambda _settings, _context: Conclusion(findings, gaps, {"samples": 2, "rollouts": 1})


def read_time(_settings: Settings, context: JobContext) -> Conclusion:
    """A job that reads the time of Prometheus."""
    prometheus = context.sources.prometheus
    assert prometheus
    now, unavailable = context.sources.attempt("prometheus", prometheus.time)
    return Conclusion(gaps=tuple(gaps_of(unavailable)), figures={"time": now or 0})


def test_what_is_not_read_in_the_time_of_the_run_is_a_gap_and_the_report_is_written(run_job: RunJob) -> None:
    with Scripted(BROKEN_TRANSFERS["a slow body"]()) as slow:
        begun = monotonic()
        outcome = run_job(monthly, {"timeout": "1s"}, prometheus=slow.url)
    assert monotonic() - begun < 15
    over = message("gap/run-over", seconds=1)
    assert over in {gap.reason for gap in outcome.report.gaps}
    assert outcome.exit_code == 3
    assert len(outcome.files) == 3


def test_the_report_is_in_order_and_accepted_findings_are_marked_and_come_last(run_job: RunJob) -> None:
    job = concluding(
        finding("pipeline/reload", name="accepted"),
        finding("pipeline/version", "warning"),
        finding("pipeline/target"),
        finding("pipeline/reload"),
        gaps=(Gap("query/error", "passing", message("gap/no-emitter")),) * 2,
    )
    accepted = {"check": "pipeline/reload", "subject": "Service/monitoring/accepted", "reason": "known"}
    expired = {"check": "pipeline/target", "subject": "Service/monitoring/prometheus", "until": "2026-10-31"}
    report = run_job(job, {"accept": [accepted, {**expired, "reason": "was known"}]}).report

    assert [(found.check, found.state, found.accepted) for found in report.findings] == [
        ("pipeline/reload", "new", ""),
        ("pipeline/target", "new", ""),
        ("pipeline/version", "new", ""),
        ("pipeline/reload", "accepted", "known"),
    ]
    assert [gap.check for gap in report.gaps] == ["query/error"]
    assert list(report.figures) == ["rollouts", "samples"]


def test_the_report_says_which_run_it_is_of(run_job: RunJob) -> None:
    report = run_job(concluding()).report

    assert (report.job, report.cluster, report.period) == ("monthly", "sandbox", OCTOBER)
    assert (report.generated_at, report.version) == (NOW, "1.2.3")
    assert run_job(concluding(), {"cluster.name": "production"}).report.cluster == "production"


def test_the_reports_are_written_and_their_paths_are_in_the_outcome(run_job: RunJob, tmp_path: Path) -> None:
    outcome = run_job(concluding(finding("pipeline/reload")))

    assert outcome.files == tuple(
        tmp_path / "out" / f"monthly-sandbox-2026-11-01.{format_}" for format_ in ("html", "md", "json")
    )
    assert {file.name: file.read_text("utf-8") for file in outcome.files} == outcome.texts
    assert json.loads(outcome.texts["monthly-sandbox-2026-11-01.json"])["findings"][0]["check"] == "pipeline/reload"
    assert outcome.undelivered is None


def test_a_page_of_somebody_else_in_the_folder_of_reports_is_told(run_job: RunJob, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("mine", "utf-8")
    outcome = run_job(concluding())

    assert (outcome.exit_code, len(outcome.files)) == (0, 3)
    assert [note for note in outcome.warnings if note.startswith("index.html in ")]


def test_the_reports_of_two_clusters_and_of_two_days_stand_beside_each_other(run_job: RunJob, tmp_path: Path) -> None:
    for cluster in ("a/b", "a-b", "a:b", "운영", "x" * 300, ""):
        run_job(concluding(), {"cluster.name": cluster, "reports.formats": "json"})
    names = sorted(file.name for file in (tmp_path / "out").iterdir())

    assert len(names) == 7
    assert "index.html" in names
    assert "monthly-a-b-2026-11-01.json" in names
    assert "monthly-운영-2026-11-01.json" in names
    assert "monthly-sandbox-2026-11-01.json" in names
    assert sum(name.startswith("monthly-a-b-") for name in names) == 3


def test_the_day_in_the_name_is_that_of_the_time_zone_of_the_period(run_job: RunJob, tmp_path: Path) -> None:
    (file,) = run_job(
        concluding(), {"reports.formats": "json"}, period=replace(OCTOBER, time_zone="America/New_York")
    ).files

    assert file.name == "monthly-sandbox-2026-10-31.json"


def test_a_report_for_stdout_is_a_text_and_no_file(
    run_job: RunJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run_job(concluding(), {"reports.directory": "-", "reports.formats": "json"})

    assert json.loads(outcome.texts["monthly-sandbox-2026-11-01.json"])["verdict"] == "ok"
    assert (outcome.files, outcome.exit_code) == ((), 0)
    assert [file.name for file in tmp_path.iterdir()] == ["kubeconfig"]


def test_several_formats_for_stdout_are_refused_before_the_job_runs(run_job: RunJob) -> None:
    def job(_settings: Settings, _context: JobContext) -> Conclusion:
        pytest.fail("the job ran")

    with pytest.raises(ConfigError, match="--output - prints one report, not 2"):
        run_job(job, {"reports.directory": "-", "reports.formats": "json,md"})


@pytest.mark.parametrize(
    ("findings", "fail_on", "code"),
    [
        ((), "error", 0),
        ((finding("pipeline/reload", "error"),), "error", 1),
        ((finding("pipeline/reload", "warning"),), "error", 0),
        ((finding("pipeline/reload", "warning"),), "warning", 1),
        ((finding("pipeline/reload", "info"),), "warning", 0),
        ((finding("pipeline/reload", "error"),), "never", 0),
        ((finding("pipeline/reload", "error", name="accepted"),), "error", 0),
    ],
)
def test_the_exit_code_tells_of_findings_from_a_severity_on(
    run_job: RunJob, findings: tuple[Finding, ...], fail_on: str, code: int
) -> None:
    accepted = {"check": "pipeline/reload", "subject": "Service/monitoring/accepted", "reason": "known"}

    assert run_job(concluding(*findings), {"failOn": fail_on, "accept": [accepted]}).exit_code == code


def test_a_source_that_cannot_be_read_is_a_gap_and_exit_code_3(run_job: RunJob) -> None:
    outcome = run_job(read_time)

    assert outcome.exit_code == 3
    assert {"accuracy/phase", "pipeline/reload", "query/error"} < {gap.check for gap in outcome.report.gaps}
    assert len(outcome.files) == 3


def test_a_source_that_answers_is_read_over_http(run_job: RunJob) -> None:
    with Scripted(scalar("1793502000")) as server:
        outcome = run_job(read_time, prometheus=server.url)

    assert (outcome.exit_code, outcome.report.figures) == (0, {"time": 1793502000})


def test_a_fault_in_the_reading_of_a_source_is_a_gap_of_the_checks_that_need_it_and_exit_code_70(
    run_job: RunJob, tmp_path: Path
) -> None:
    def job(_settings: Settings, context: JobContext) -> Conclusion:
        _, unavailable = context.sources.attempt("runtimeinfo", lambda: int("yesterday"))
        return Conclusion((finding("pipeline/version"),), tuple(gaps_of(unavailable)))

    outcome = run_job(job)

    assert outcome.exit_code == 70
    assert {gap.check for gap in outcome.report.gaps} == {"pipeline/reload"}
    assert [found.check for found in outcome.report.findings] == ["pipeline/version"]
    assert len(outcome.files) == 3
    (fault,) = outcome.faults
    for text in outcome.texts.values():
        assert fault.file in text.replace("\\", "")  # Markdown escapes an underscore
        assert "ValueError" in text


def test_a_job_that_fails_as_a_whole_is_a_gap_of_every_check_and_its_report_is_written(run_job: RunJob) -> None:
    def job(_settings: Settings, _context: JobContext) -> Conclusion:
        raise ZeroDivisionError

    outcome = run_job(job)

    assert (outcome.exit_code, len(outcome.files)) == (70, 3)
    assert {gap.check for gap in outcome.report.gaps} == set(CHECKS)


def test_no_report_and_no_traceback_of_a_fault_has_a_secret_of_the_run(run_job: RunJob, tmp_path: Path) -> None:
    """An exception may quote what was sent, and a finding what a server knows."""
    (tmp_path / "token").write_text("hush-bearer-token", "utf-8")
    (tmp_path / "password").write_text("hush-p#ssword", "utf-8")

    def job(_settings: Settings, context: JobContext) -> Conclusion:
        assert context.sources.prometheus
        _, unavailable = context.sources.attempt("prometheus", context.sources.prometheus.time)
        _, fault = context.sources.attempt("runtimeinfo", lambda: int("Bearer hush-bearer-token"))
        found = replace(finding("pipeline/version"), evidence={"said": "hush-header hush-p#ssword hush-p%23ssword"})
        return Conclusion((found,), tuple(gaps_of(unavailable + fault)))

    outcome = run_job(
        job,
        {
            "prometheus.bearerTokenFile": str(tmp_path / "token"),
            "prometheus.headers": {"X-Api-Key": "hush-header"},
            "prometheus.basicAuth": {"username": "user", "passwordFile": str(tmp_path / "password")},
        },
    )

    (fault,) = outcome.faults
    saved = Path(fault.file).read_text("utf-8")
    Path(fault.file).unlink()
    assert "invalid literal for int() with base 10: '<secret>'" in saved
    assert "'<secret>'" in fault.error
    for text in outcome.texts.values():
        assert "hush" not in text
    assert '"said": "<secret> <secret> <secret>"' in next(
        text for name, text in outcome.texts.items() if "json" in name
    )


def test_a_fault_is_told_on_stderr_also_if_the_report_goes_to_stdout(
    run_job: RunJob, capsys: pytest.CaptureFixture[str]
) -> None:
    def job(_settings: Settings, _context: JobContext) -> Conclusion:
        raise ZeroDivisionError

    flags = {"reports.directory": "-", "reports.formats": ["json"]}
    outcome = run_job(job, flags)
    start_log(sys.stderr, level="quiet", as_json=False)
    print_outcome(outcome, load("", {}, flags))

    printed, (fault,) = capsys.readouterr(), outcome.faults
    Path(fault.file).unlink()
    assert json.loads(printed.out)["job"] == "monthly"
    assert printed.err == f"maintainer: {fault_told('ZeroDivisionError()', fault.file)}\n"


@pytest.mark.parametrize(("code", "level"), [(0, "warning"), (4, "error")])
def test_what_became_of_a_report_is_a_line_of_the_log(
    run_job: RunJob, capsys: pytest.CaptureFixture[str], code: int, level: str
) -> None:
    flags = {"reports.directory": "-", "reports.formats": ["json"]}
    outcome = run_job(concluding(), flags)
    start_log(sys.stderr, level="normal", as_json=True)
    told = replace(outcome, notes=("recorded in a folder",), warnings=("a document is damaged",), exit_code=code)
    print_outcome(told, load("", {}, flags))

    note, warning = map(json.loads, capsys.readouterr().err.splitlines())
    assert {"level": "info", "event": "recorded in a folder"}.items() <= note.items()
    assert {"level": level, "event": "a document is damaged"}.items() <= warning.items()


def test_quiet_hides_what_was_done_and_no_warning(run_job: RunJob, capsys: pytest.CaptureFixture[str]) -> None:
    flags = {"reports.directory": "-", "reports.formats": ["json"]}
    outcome = run_job(concluding(), flags)
    start_log(sys.stderr, level="quiet", as_json=False)
    told = replace(outcome, notes=("recorded in a folder",), warnings=("a document is damaged",))
    print_outcome(told, load("", {}, flags))

    assert capsys.readouterr().err == "maintainer: a document is damaged\n"


def test_a_fault_outweighs_a_report_that_cannot_be_written(run_job: RunJob, tmp_path: Path) -> None:
    def job(_settings: Settings, _context: JobContext) -> Conclusion:
        raise ZeroDivisionError

    (tmp_path / "file").touch()
    outcome = run_job(job, {"reports.directory": str(tmp_path / "file" / "out")})

    assert outcome.exit_code == 70
    assert outcome.undelivered


def test_a_gap_outweighs_a_finding(run_job: RunJob) -> None:
    gap = Gap("query/error", "passing", message("gap/no-emitter"))

    assert run_job(concluding(finding("pipeline/reload"), gaps=(gap,))).exit_code == 3


@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("warning", 0)])
def test_an_accepted_gap_does_not_hide_the_exit_code_of_a_finding(
    run_job: RunJob, severity: Severity, code: int
) -> None:
    gap = Gap("query/error", "permanent", message("gap/no-emitter"))
    accepted = {"check": "query/error", "subject": "", "reason": "this engine cannot answer", "until": "2027-01-31"}
    job = concluding(finding("pipeline/reload", severity), gaps=(gap,))
    outcome = run_job(job, {"failOn": "error", "accept": [accepted]})

    assert outcome.exit_code == code
    assert all("this engine cannot answer" in text for text in outcome.texts.values())


def test_a_directory_that_cannot_be_written_is_exit_code_4_and_the_outcome_says_where_the_reports_are(
    run_job: RunJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").touch()
    outcome = run_job(concluding(finding("pipeline/reload")), {"reports.directory": str(tmp_path / "file" / "out")})
    saved = sorted(tmp_path.glob("maintainer-*/*"))

    assert (outcome.exit_code, outcome.files) == (4, ())
    assert {file.name: file.read_text("utf-8") for file in saved} == outcome.texts
    assert all(str(file) in str(outcome.undelivered) for file in saved)


def test_without_any_folder_to_write_to_the_report_is_in_the_outcome_and_one_sentence_says_so(
    run_job: RunJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    (tmp_path / "file").touch()
    outcome = run_job(concluding(finding("pipeline/reload")), {"reports.directory": str(tmp_path / "file" / "out")})

    assert (outcome.exit_code, outcome.files, len(outcome.texts)) == (4, (), 3)
    assert "It is not saved, because no folder for temporary files can be written" in str(outcome.undelivered)


def test_a_check_that_ran_and_found_nothing_has_passed(run_job: RunJob) -> None:
    names = ("query/error", "query/no-data", "query/deprecated", "panel/value")
    findings = (finding("query/error"), replace(finding("query/deprecated"), severity="info"))
    concluded = Conclusion(
        findings, gaps=(Gap("query/no-data", "passing", message("gap/no-emitter")),), checks=frozenset(names)
    )
    assert run_job(lambda *_: concluded).report.passed == ("panel/value",)


def test_an_acceptance_without_an_effect_is_in_the_report(run_job: RunJob) -> None:
    def job(_settings: Settings, _context: JobContext) -> Conclusion:
        gap = Gap("query/error", "passing", message("gap/no-emitter"))
        return Conclusion((finding("pipeline/reload"),), (gap,), checks=frozenset({"pipeline/reload", "query/error"}))

    subjects = {"pipeline/reload": "Service/monitoring/gone", "query/error": "panel/a", "panel/value": "panel/a"}
    accepted = [{"check": check, "subject": subject, "reason": "known"} for check, subject in subjects.items()]
    unused = run_job(job, {"accept": accepted}).report.unused

    assert [(found.acceptance.check, found.why) for found in unused] == [("pipeline/reload", "unmatched")]


def test_a_folder_that_no_file_system_knows_is_not_a_fault(run_job: RunJob, tmp_path: Path) -> None:
    outcome = run_job(concluding(), {"reports.directory": str(tmp_path / "a\0b")})

    assert outcome.exit_code == 4
    assert "null byte" in str(outcome.undelivered)


def test_a_finding_that_cannot_be_divided_for_a_fault_of_the_program_is_reported_as_a_whole(run_job: RunJob) -> None:
    def broken(_subjects: frozenset[Subject]) -> Finding:
        raise RuntimeError

    both = (Subject("Service", "monitoring", "one"), Subject("Service", "monitoring", "other"))
    whole = replace(finding("pipeline/reload"), subjects=both, part=broken)
    accepted = {"check": "pipeline/reload", "subject": "Service/monitoring/one", "reason": "known"}
    outcome = run_job(concluding(whole), {"accept": [accepted]})

    assert [(found.state, found.subjects) for found in outcome.report.findings] == [("new", both)]
    assert outcome.exit_code == 70
