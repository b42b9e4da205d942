"""What real servers kept of 200 series a minute, in 30 and in 90 days, and what is computed of it."""

import pytest

from maintainer.analyse.storage.arithmetic import DAY, HOUR, block_bytes, longest_block
from maintainer.analyse.storage.options import option
from maintainer.analyse.storage.retention import retention_effective
from maintainer.model.storage import Block, Retention, Usage
from tests.analyse.storage.builders import limited, review
from tests.analyse.storage.layouts import Range, compacted, kept, written

END = 1_743_465_600
C30 = compacted(written(1_740_873_600, END), 54 * HOUR)
C90 = compacted(written(1_735_689_600, END), 162 * HOUR)
A_SECOND = 200 / 60
USAGE = Usage(A_SECOND, 15_576_871 / 8_640_000, head=0)


def listed(blocks: tuple[Range, ...]) -> tuple[Block, ...]:
    return tuple(Block(start, end, round((end - start) * A_SECOND), 4) for start, end in blocks)


def test_a_server_compacts_360_blocks_to_17() -> None:
    assert len(written(1_740_873_600, END)) == 360
    assert (len(C30), C30[0][0], len(C90)) == (17, 1_740_873_600, 18)
    assert max(end - start for start, end in C90) == 162 * HOUR == longest_block(9 * DAY)
    assert sum(block.samples for block in listed(C30)) == 8_640_000


def test_before_anything_is_compacted_the_bytes_of_a_sample_are_too_high_and_that_is_known() -> None:
    fresh = tuple(Block(start, end, 24_000, 1) for start, end in written(1_740_873_600, END))
    young = review(blocks=fresh, metrics=limited(30 * DAY, None, blocks=21_825_560.0).facts.metrics)

    assert young.basis == "young"
    assert young.sample_bytes == pytest.approx(2.526, abs=5e-4)


@pytest.mark.parametrize(
    ("days", "blocks", "window", "measured"),
    [(30, 9, 30.249, 15_568_331), (20, 8, 23.499, 12_109_912), (10, 6, 9.999, 5_197_516)],
)
def test_a_time_keeps_whole_blocks_and_those_of_a_longer_time_stay_as_long_as_they_are(
    days: int, blocks: int, window: float, measured: int
) -> None:
    left = kept(C90, days * DAY)
    server = limited(days * DAY, None, now=END, oldest=float(left[0][0]), started=END - 2 * DAY)

    assert len(left) == blocks
    assert (END - left[0][0]) / DAY == pytest.approx(window, abs=2e-3)
    assert block_bytes(USAGE, END - left[0][0]) == pytest.approx(measured, rel=0.01)
    assert days * DAY <= END - left[0][0] <= days * DAY + 162 * HOUR
    for facts in (listed(left), None):
        assert list(retention_effective(review(server.facts, blocks=facts))) == []


def test_a_size_keeps_whole_blocks_from_the_newest() -> None:
    """14MB of 15.6 MB were 16 of 17 blocks: the limit is of 2^20 bytes, and only the oldest block went."""
    sizes = [block_bytes(USAGE, end - start) for start, end in C30]

    assert sum(sizes[1:]) < 14 * 2**20 < sum(sizes)
    assert sum(sizes[1:]) == pytest.approx(14_539_562, rel=0.01)
    assert C30[1][0] == 1_741_046_400


def test_a_size_alone_promises_no_more_than_it_kept() -> None:
    """16MB kept 23.499 days: a block of 486 hours and those that it is made of counted at once."""
    alone = option(Retention(None, 16 * 2**20), USAGE)

    assert alone.bites == "size"
    assert alone.window <= 23.499 * DAY
    assert block_bytes(USAGE, 23.499 * DAY) == pytest.approx(12_089_320, rel=0.011)
