"""What reports say is what the files in ``golden`` have, so that a change of it is seen when it is reviewed."""

import pytest

from tests.render.golden_files import FOLDER, texts


@pytest.mark.parametrize("name", texts())
def test_a_report_says_what_its_golden_file_says(name: str) -> None:
    assert texts()[name] == (FOLDER / name).read_text("utf-8"), "if it is meant to change: make golden"


def test_there_is_no_other_file() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(texts())
