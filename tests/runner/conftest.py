from multiprocessing import get_context
from multiprocessing.context import ForkServerContext

import pytest


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that begin with all modules read, and without the threads of this one."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.runner.slack_run"])
    return context
