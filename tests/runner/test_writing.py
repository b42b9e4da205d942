"""Reports that could not be written: they are recorded, and the next run of what is due writes them."""

from dataclasses import replace
from pathlib import Path

from maintainer.model.documents import LEDGER
from maintainer.store.directory import DirectoryStore
from maintainer.store.memory import Memory
from tests.runner.test_due import FOUND, Days, days, harvest, monthly
from tests.runner.test_remembering import entries
from tests.runner.test_run import concluding

__all__ = ["days"]

DAY = "2026-11-27 10:00"
JOB = monthly(concluding(FOUND))


def refuse(days: Days) -> Path:
    """Put a file where the folder of the reports has to be."""
    blocked = days.folder / "file"
    blocked.touch()
    return blocked


def unwritten(days: Days) -> list[str]:
    return [entry.job for entry in entries(DirectoryStore(str(days.folder / "store"))) if entry.unwritten]


def test_a_retry_is_not_green_before_the_report_is_written(days: Days) -> None:
    out = str(refuse(days) / "out")
    assert days.run(DAY, JOB, reports_directory=out).exit_code == 4
    assert unwritten(days) == ["monthly"]

    retry = days.run("2026-11-27 10:05", JOB, reports_directory=out)
    assert (retry.due, retry.exit_code) == ((), 4)
    (why,) = retry.undelivered
    assert str(why) == (
        f"monthly for 2026-11: cannot write the report to {out} (Not a directory); give another --output DIR. "
        "The report is recorded, and the next maintainer run due tries again; to read it now: "
        "maintainer report show monthly 2026-11"
    )


def test_what_was_left_is_written_as_the_run_would_have_written_it(days: Days) -> None:
    days.run(DAY, JOB, reports_directory=str(refuse(days) / "out"))
    (outcome,) = days.outcomes

    done = days.run("2026-11-28 10:00", JOB)
    assert (done.due, done.exit_code, done.undelivered, unwritten(days)) == ((), 0, (), [])
    assert {path.name: path.read_text("utf-8") for path in done.late.files} == outcome.texts
    assert (days.folder / "out" / "index.html").is_file()

    assert days.run("2026-11-29 10:00", JOB).late.files == ()


def test_after_a_week_a_job_is_not_red_for_what_nobody_mended(days: Days) -> None:
    out = str(refuse(days) / "out")
    days.run(DAY, JOB, reports_directory=out)

    assert days.run("2026-12-04 09:00", JOB, reports_directory=out, schedule_monthly="0 9 27 * *").exit_code == 4
    assert days.run("2026-12-04 11:00", JOB, reports_directory=out, schedule_monthly="0 9 27 * *").exit_code == 0


def test_a_report_keeps_its_language_when_it_is_written_late(days: Days) -> None:
    days.run(DAY, JOB, reports_directory=str(refuse(days) / "out"), reports_language="ko")
    days.run("2026-11-28 10:00", JOB)

    assert 'lang="ko"' in next((days.folder / "out").glob("monthly-*.html")).read_text("utf-8")


def test_the_next_period_is_written_beside_the_one_that_was_left(days: Days) -> None:
    days.run(DAY, JOB, reports_directory=str(refuse(days) / "out"))
    december = days.run("2026-12-01 10:00", JOB)

    assert december.exit_code == 0
    assert sorted(path.name[-15:] for path in (days.folder / "out").glob("*.json")) == [
        "2026-11-27.json",
        "2026-12-01.json",
    ]


def test_a_report_that_is_damaged_is_not_tried_for_ever(days: Days) -> None:
    days.run(DAY, JOB, reports_directory=str(refuse(days) / "out"))
    ledger = Memory(DirectoryStore(str(days.folder / "store")), LEDGER, "ledger")
    ledger.add([replace(entry, report=b"damaged") for entry in ledger.read().records])

    assert (days.run("2026-11-28 10:00", JOB).exit_code, unwritten(days)) == (0, [])


def test_a_job_without_a_report_leaves_nothing(days: Days) -> None:
    days.run(DAY, harvest(concluding()), reports_directory=str(refuse(days) / "out"))

    assert unwritten(days) == []
