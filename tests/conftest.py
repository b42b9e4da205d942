"""The order in which files are handed to the workers."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scenarios come first: while one waits for a Prometheus, another worker has something to compute."""
    items.sort(key=lambda item: "scenarios" not in item.path.parts)
