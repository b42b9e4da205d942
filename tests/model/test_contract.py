"""What the controller can emit, by its version."""

import pytest

from maintainer.model.contract import (
    AVAILABLE,
    DESIRED,
    GAUGES,
    INFO,
    UNAVAILABLE,
    UPDATED,
    emitted_by,
    families,
    release,
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.9.2", (1, 9, 2)),
        ("1.9.2", (1, 9, 2)),
        ("v1.9.2+a3c9e2f", (1, 9, 2)),
        ("v1.10.0-rc1", (1, 10, 0)),
        ("v1.9", (1, 9, 0)),
        ("v10.20.30", (10, 20, 30)),
        ("HEAD (unreleased)", None),
        ("latest", None),
        ("master-v1.9.2", None),
        ("v2", None),
        ("99", None),
        ("", None),
    ],
)
def test_a_version_begins_with_a_release_or_is_unknown(text: str, version: tuple[int, int, int] | None) -> None:
    assert version == release(text)


def test_the_families_that_are_compared_are_in_the_contract() -> None:
    assert (DESIRED, UPDATED, AVAILABLE, UNAVAILABLE) == GAUGES
    assert {INFO, *GAUGES} <= families().keys()
    assert all(name == family.name for name, family in families().items())


def test_labels_and_first_releases_are_read() -> None:
    assert {"namespace", "name", "strategy", "traffic_router", "phase"} == families()[INFO].labels
    assert {"namespace", "name"} == families()[UPDATED].labels
    assert families()[INFO].since == (0, 3, 0)
    assert families()["rollout_duration_seconds"].since is None


@pytest.mark.parametrize(
    ("family", "version", "emitted"),
    [
        pytest.param(UPDATED, (1, 3, 9), False, id="before"),
        pytest.param(UPDATED, (1, 4, 0), True, id="first release"),
        pytest.param(UPDATED, (1, 10, 2), True, id="numbers and not letters are compared"),
        pytest.param(UPDATED, None, True, id="unknown version"),
        pytest.param("rollout_duration_seconds", (1, 10, 2), False, id="not released yet"),
        pytest.param("rollout_duration_seconds", None, False, id="not released yet, unknown version"),
        pytest.param("rollout_phase", (1, 9, 2), True, id="deprecated and still there"),
    ],
)
def test_a_family_is_emitted_from_its_first_release_on(
    family: str, version: tuple[int, int, int] | None, *, emitted: bool
) -> None:
    assert emitted == emitted_by(family, version)


@pytest.mark.parametrize(
    ("version", "emitted"), [((0, 7, 2), True), ((0, 8, 0), False), ((1, 9, 2), False), (None, False)], ids=str
)
def test_a_family_that_was_removed_is_emitted_no_more(version: tuple[int, int, int] | None, *, emitted: bool) -> None:
    assert emitted == emitted_by("rollout_created_time", version)
