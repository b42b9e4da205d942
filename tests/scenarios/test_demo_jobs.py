"""The table of the demos, and the jobs that the command line takes."""

from typing import get_args

from maintainer.commands.demo import DEMOS
from maintainer.model.report import DemoJob


def test_the_command_line_takes_the_jobs_that_have_a_demo() -> None:
    assert get_args(DemoJob) == tuple(DEMOS)
