"""A fault of the program: it costs the step that it is in, and its traceback is saved."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from maintainer.analyse.checks import Check
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.faults import Faults
from maintainer.model.message import message
from maintainer.model.report import Finding, Gap, Subject
from maintainer.model.sections import Section, Text
from maintainer.render.words import load, say

FINDING = Finding(
    check="pipeline/reload",
    severity="error",
    subjects=(Subject("Prometheus", "", "configuration"),),
    cause="failed",
    summary=message("pipeline/reload/failed.summary"),
    action=message("pipeline/reload/failed.action"),
)
GAP = Gap("pipeline/version", "passing", message("gap/no-version"))


@pytest.fixture(autouse=True)
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that tracebacks are saved in."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def finds(_subject: str) -> Iterator[Finding]:
    yield FINDING


def fails(subject: str) -> Iterator[Finding]:
    yield FINDING
    raise ValueError(f"no such {subject}")


def reports_a_gap(_subject: str) -> Iterator[Gap]:
    yield GAP


def gaps_fail(subject: str) -> Iterator[Gap]:
    raise KeyError(subject)


GOOD = Check("pipeline/reload", "error", (), finds)


def test_findings_and_gaps_are_in_the_order_of_the_checks() -> None:
    faults = Faults()

    assert faults.examine((GOOD, Check("pipeline/version", "info", (), finds, reports_a_gap)), "") == (
        (FINDING, FINDING),
        (GAP,),
    )
    assert faults.found == ()


def test_a_check_that_raises_is_a_gap_and_the_others_are_reported(saved: Path) -> None:
    faults = Faults()
    findings, (gap,) = faults.examine((Check("pipeline/rbac", "error", (), fails), GOOD), "account")
    (file,) = saved.iterdir()

    assert findings == (FINDING,)
    assert (gap.check, gap.kind) == ("pipeline/rbac", "passing")
    assert "ValueError('no such account')" in (said := say(load("en"), gap.reason))
    assert str(file) in said
    assert [(fault.error, fault.file) for fault in faults.found] == [("ValueError('no such account')", str(file))]


def test_a_check_whose_gaps_raise_has_no_findings() -> None:
    findings, (gap,) = Faults().examine((Check("pipeline/rbac", "error", (), finds, gaps_fail),), "account")

    assert findings == ()
    assert gap.check == "pipeline/rbac"


def test_the_saved_traceback_shows_where_the_fault_is_and_not_the_values_of_variables(saved: Path) -> None:
    secret = "".join(("hunter", "2"))

    def read(token: str) -> float:
        return 1 / (len(token) - len(secret))

    with pytest.raises(SourceUnavailable):
        Faults().guard(lambda: read(secret))

    (file,) = saved.iterdir()
    text = file.read_text("utf-8")
    assert "ZeroDivisionError" in text
    assert "in read" in text
    assert "return 1 / (len(token) - len(secret))" in text
    assert secret not in text


def test_a_fault_that_many_objects_bring_about_has_one_traceback(saved: Path) -> None:
    faults = Faults()
    for text in ("a", "b", "c"):
        with pytest.raises(SourceUnavailable, match=f"literal.*'{text}'"):
            faults.guard(lambda text=text: int(text))  # type: ignore[misc]

    assert len(list(saved.iterdir())) == len(faults.found) == 1


def test_an_exception_that_quotes_all_that_was_read_is_shortened() -> None:
    with pytest.raises(SourceUnavailable) as caught:
        Faults().guard(lambda: int("x" * 100_000))

    assert len(str(caught.value.params["error"])) < 400


def test_an_error_with_an_exit_code_of_its_own_is_no_fault(saved: Path) -> None:
    faults = Faults()

    def wrong() -> None:
        raise ConfigError("no such file")

    with pytest.raises(ConfigError):
        faults.guard(wrong)

    assert faults.found == ()
    assert list(saved.iterdir()) == []


def test_without_a_folder_for_temporary_files_the_fault_is_said_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    faults = Faults()
    _, (gap,) = faults.examine((Check("pipeline/rbac", "error", (), fails),), "account")

    assert "no folder for temporary files can be written" in say(load("en"), gap.reason)
    assert [fault.file for fault in faults.found] == [""]


def test_what_a_fault_quotes_is_without_secrets(saved: Path) -> None:
    def read() -> None:
        raise ValueError("refused: hush-token by http://user:else@proxy" + "x" * 300)

    faults = Faults(KnownSecrets(["hush-token"]).hide_in_error)
    with pytest.raises(SourceUnavailable) as caught:
        faults.guard(read)
    (file,) = saved.iterdir()

    for text in (str(caught.value), faults.found[0].error, file.read_text("utf-8")):
        assert "refused: <secret> by http://<secret>@proxy" in text
    assert "hush-token" not in str(caught.value) + faults.found[0].error


def adding_up(numbers: tuple[str, ...], left_out: frozenset[str]) -> int:
    return sum(int(number) for number in numbers if number not in left_out)


def test_the_items_that_a_step_has_a_fault_in_are_left_out_and_told_with_the_reasons() -> None:
    numbers = (*map(str, range(100)), "yesterday", "1e3", *map(str, range(100, 200)), "yesterday")
    total, odd = Faults().sift(numbers, partial(adding_up, numbers))

    assert total == sum(range(200))
    assert {item: item in say(load("en"), why) for item, why in odd.items()} == {"yesterday": True, "1e3": True}


def test_a_step_without_a_fault_is_taken_once() -> None:
    taken: list[frozenset[str]] = []

    assert Faults().sift(("a", "b"), taken.append) == (None, {})
    assert taken == [frozenset()]


def test_a_fault_in_no_item_alone_is_one_of_the_step() -> None:
    def step(left_out: frozenset[str]) -> None:
        if len(left_out) < 2:
            raise ZeroDivisionError

    with pytest.raises(SourceUnavailable):
        Faults().sift(("a", "b", "c"), step)


def test_a_step_with_a_fault_in_everything_is_given_up_soon() -> None:
    taken: list[frozenset[int]] = []

    def step(left_out: frozenset[int]) -> None:
        taken.append(left_out)
        if len(left_out) < 1000:
            raise ZeroDivisionError

    with pytest.raises(SourceUnavailable):
        Faults().sift(range(1000), step)
    assert len(taken) < 100


def test_a_section_that_cannot_be_made_is_a_sentence_in_its_place() -> None:
    def fails() -> tuple[Section, ...]:
        raise ZeroDivisionError

    text = Text(message("report/section.equal"), ())
    first, second, third = Faults().sections(lambda: (text,), fails, lambda: (text,))

    assert (first, third) == (text, text)
    assert isinstance(second, Text)
    assert "ZeroDivisionError" in say(load("en"), second.paragraphs[0])
