"""Sizes in Prometheus' notation, as promtool 3.9.1 accepted and refused them, and quantities of Kubernetes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.byte_size import GIB, MIB, quantity_bytes, quantity_text, round_size, size_bytes, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("45GB", 48_318_382_080),
        ("45GiB", 48_318_382_080),
        ("512MB", 2**29),
        ("1.5GB", 3 * 2**29),
        ("45GB500MB", 45 * 2**30 + 500 * 2**20),
        ("1EB", 2**60),
        ("0", 0),
        ("0B", 0),
    ],
)
def test_a_size_is_read_as_prometheus_reads_it(text: str, size: int) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize("text", ["45", "45G", "45Gi", "45gb", "45 GB", "20EB", "-1GB", "", "GB", "\u0664\u0665GB"])
def test_what_prometheus_refuses_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        size_bytes(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("50Gi", 50 * 2**30), ("50G", 50_000_000_000), ("1.5Ti", 3 * 2**39), ("1000", 1000), ("2k", 2000)],
)
def test_a_quantity_is_read_as_kubernetes_reads_it(text: str, size: int) -> None:
    assert quantity_bytes(text) == size


@pytest.mark.parametrize("text", ["50GB", "50 Gi", "", "Gi", "-5Gi"])
def test_a_size_of_prometheus_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is no size of a volume"):
        quantity_bytes(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [(48_318_382_080, "45GB"), (14_680_064, "14MB"), (15_576_871, "14MB"), (5_000_000, "4882KB"), (0, "0B")],
)
def test_a_size_is_written_in_the_largest_unit_of_which_there_are_enough(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(0, 2**62))
def test_a_written_size_is_no_larger_and_a_tenth_smaller_at_most(size: int) -> None:
    assert size * 0.9 - 1 <= size_bytes(size_text(size)) <= size


@pytest.mark.parametrize(
    ("size", "text"), [(50 * GIB, "50Gi"), (50 * GIB + 1, "51Gi"), (325 * MIB, "325Mi"), (GIB, "1Gi"), (1, "1Mi")]
)
def test_a_quantity_is_written_in_whole_units(size: int, text: str) -> None:
    assert quantity_text(size) == text


@given(st.integers(1, 2**50))
def test_a_written_quantity_is_no_smaller(size: int) -> None:
    assert size <= quantity_bytes(quantity_text(size)) < size + max(MIB, min(size, GIB)) + 1


@pytest.mark.parametrize(
    ("size", "rounded"),
    [(1, 64 * MIB), (64 * MIB, 64 * MIB), (GIB - 1, GIB), (GIB + MIB, 2 * GIB), (50 * GIB, 50 * GIB)],
)
def test_a_size_is_rounded_up_to_one_that_a_person_would_choose(size: int, rounded: int) -> None:
    assert round_size(size) == rounded
