"""Blocks and a write-ahead log that the sandbox writes, as promtool reads them."""

import math
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from maintainer.sandbox.tsdb import CHUNK_SAMPLES, DAY, HOUR, LENGTHS, Stored, spans, write_block
from maintainer.sandbox.tsdb_encoding import Value
from maintainer.sandbox.write_ahead_log import write_log

START, STEP = 1_700_006_400, 15
SHAPES: Mapping[str, Value] = {
    "nothing": 0.0,
    "counter": lambda at: float(at - START),
    "odd": lambda at: math.sin(at) / 3,
    "bits": lambda at: struct.unpack(">d", struct.pack(">Q", random.Random(at).getrandbits(62)))[0],
    "last bits": lambda at: math.nextafter(1.0, 2.0) if at // STEP % 3 else 1.0,
    "steps": lambda at: float(at // 240 % 7),
}
LINE = re.compile(r"(\{.*\}) (\S+) (\d+)")

Read = Mapping[str, Sequence[tuple[int, float]]]


def series_of(*shapes: str) -> list[Stored]:
    return [
        Stored({"__name__": shape, "pod": f"web-{number}", "path": 'a "quoted" ü'}, SHAPES[shape])
        for shape in shapes
        for number in range(3)
    ]


def read(folder: Path) -> Read:
    """The samples by series, of all that is in a data folder."""
    (folder / "wal").mkdir(exist_ok=True)
    program = shutil.which("promtool")
    assert program
    done = subprocess.run([program, "tsdb", "dump", str(folder)], capture_output=True, text=True, check=True)
    found: dict[str, list[tuple[int, float]]] = {}
    for labels, value, at in LINE.findall(done.stdout):
        found.setdefault(labels, []).append((int(at) // 1000, float(value)))
    return found


def told(series: Stored, times: Sequence[int]) -> Sequence[tuple[int, float]]:
    return [(at, series.value(at) if callable(series.value) else series.value) for at in times]


def key(series: Stored) -> str:
    pairs = sorted(series.labels.items())
    quoted = (f'{name}="{value}"' for name, value in ((name, value.replace('"', r"\"")) for name, value in pairs))
    return "{" + ", ".join(quoted) + "}"


def test_prometheus_reads_the_samples_of_blocks_and_of_the_log_as_they_were_given(tmp_path: Path) -> None:
    series, length = series_of(*SHAPES), (CHUNK_SAMPLES + 90) * STEP
    middle, end = START + length, START + length + 600
    written = write_block(series, tmp_path, span=(START, middle), step=STEP)
    write_log(series, tmp_path, span=(middle, end), step=STEP)

    (block,) = (file for file in tmp_path.iterdir() if file.name != "wal")
    assert written.bytes == sum(file.stat().st_size for file in block.rglob("*") if file.is_file())
    assert written.samples == len(series) * len(range(START, middle, STEP))
    assert read(tmp_path) == {key(each): told(each, range(START, end, STEP)) for each in series}


def test_a_series_that_came_and_went_has_only_the_samples_of_its_time(tmp_path: Path) -> None:
    short = Stored({"__name__": "short"}, 1.0, START + 31, START + 95)
    gone = Stored({"__name__": "gone"}, 1.0, START - 900, START)
    write_block([short, gone], tmp_path, span=(START, START + HOUR), step=STEP)

    assert read(tmp_path) == {'{__name__="short"}': told(short, range(START + 45, START + 95, STEP))}


@given(st.integers(0, 2**31), st.integers(1, 100 * DAY), st.sampled_from(LENGTHS))
def test_blocks_follow_each_other_without_a_gap_and_cross_no_boundary(start: int, length: int, longest: int) -> None:
    found = list(spans(start, start + length, longest=longest))
    assert (found[0][0], found[-1][1]) == (start, start + length)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    for first, last in found:
        assert last - first <= longest
        if last != start + length:
            assert any(last % each == 0 and first // each == (last - 1) // each for each in LENGTHS)
