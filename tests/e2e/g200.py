"""200 series with a sample a minute, of which it is known what real servers made."""

import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.e2e.parts import found
from tests.e2e.remote_write import Sample

FIRST, STEP, SERIES = 1_735_689_600, 60, 200
BLOCK = 7200


def value(series: int, number: int) -> float:
    """The value of a series in the minute of this number."""
    if series < 80:
        return series
    x = (number * 2_654_435_761 + series * 40_503) % 2**32
    x ^= x >> 15
    x = x * 2_246_822_519 % 2**32
    x ^= x >> 13
    if series < 160:
        return number * (series + 1) + x % (series + 1)
    return x % 100 if series < 190 else x / 2**32


def labels(series: int) -> Mapping[str, str]:
    names = (name for name, below in (("const", 80), ("counter", 160), ("int", 190), ("float", 200)) if series < below)
    own = {"idx": f"{series:03}", "namespace": "shop", "pod": f"web-{series % 10}"}
    return {"__name__": f"m_{next(names)}", **own}


def samples(start: int, end: int) -> Iterator[tuple[Mapping[str, str], list[Sample]]]:
    """The samples of each series from a time to before another."""
    for series in range(SERIES):
        yield labels(series), [(value(series, (at - FIRST) // STEP), at * 1000) for at in range(start, end, STEP)]


def backfill(folder: Path, start: int, end: int) -> None:
    """Write the blocks of two hours into ``folder/data``."""
    program = str(found("promtool"))

    def block(at: int) -> None:
        file = folder / f"{at}.om"
        file.write_text(_openmetrics(at, at + BLOCK), "utf-8")
        command = [program, "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(file), str(folder / "data")]
        subprocess.run(command, check=True, capture_output=True)
        file.unlink()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(block, range(start, end, BLOCK)))


def _openmetrics(start: int, end: int) -> str:
    lines: list[str] = []
    for own, values in samples(start, end):
        name = own["__name__"]
        if not lines or lines[-1].partition("{")[0] != name:
            lines.append(f"# TYPE {name} gauge")
        pairs = ",".join(f'{label}="{of}"' for label, of in own.items() if label != "__name__")
        lines += [f"{name}{{{pairs}}} {number!r} {at // 1000}" for number, at in values]
    return "\n".join([*lines, "# EOF", ""])
