"""``maintainer explain``: what a check means, what to do, what it needs, and where its page is."""

from pathlib import Path

import pytest

from maintainer.analyse.checks import CHECKS
from tests.cli.test_cli import command


def test_a_check_is_explained_with_what_it_needs_and_where_its_page_is(tmp_path: Path) -> None:
    done = command("explain", "pipeline/service", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("pipeline/service (Error at worst)\n")
    assert "from the Kubernetes API: the controller's Service" in done.stdout
    assert "from Prometheus: the newest scrape of each controller" in done.stdout
    assert done.stdout.endswith("Page: docs/checks/pipeline/service.md\n")


def test_all_checks_are_listed(tmp_path: Path) -> None:
    done = command("explain", folder=tmp_path)

    assert [line for line in done.stdout.splitlines() if "/" in line and not line.startswith(" ")] == [*CHECKS]


@pytest.mark.parametrize(
    ("id_", "hint"),
    [("pipeline/servic", "did you mean pipeline/service?"), ("zzz", "maintainer explain lists all")],
)
def test_a_check_that_does_not_exist_exits_with_2_and_a_suggestion(id_: str, hint: str, tmp_path: Path) -> None:
    done = command("explain", id_, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert hint in done.stderr
