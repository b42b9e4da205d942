"""The order in which files are handed to the workers, and the profiles of hypothesis."""

import gc
import signal

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")
# What is in the profile stands in tests/fuzz/effort.py: it is for the tests there, and no others.
settings.register_profile("fuzz", print_blob=True)
# Of what collecting tests makes, nothing is garbage: looking for it takes a quarter of the time.
gc.disable()
# A shell lets its background jobs ignore Ctrl-C, and what they start as well: the commands of the tests must not.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scenarios come first: while one waits for a Prometheus, another worker has something to compute."""
    items.sort(key=lambda item: "scenarios" not in item.path.parts)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
