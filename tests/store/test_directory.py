"""The store in a folder: what is left by runs that are killed, that write at once, or that meet a damaged file."""

import gzip
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from shutil import copytree
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import pytest

from maintainer.errors import SourceUnavailable
from maintainer.store import directory
from maintainer.store.directory import DirectoryStore
from maintainer.store.interface import MOST_ASIDE, Conflict, LockHeld, Store
from tests.store.entries import entry
from tests.store.machine import EFFORT, Killed, Writers, ledger, put


@contextmanager
def killed_before_line(number: int) -> Iterator[list[int]]:
    """Be killed before the line with this number of all that are run in the module of the store.

    The list has the number of the line in the file, once that has happened.
    """
    left, killed = number, list[int]()

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename != directory.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                killed.append(frame.f_lineno)
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield killed
    except Killed:
        pass
    finally:
        sys.settrace(before)


class FolderWriters(Writers):
    def set_up(self) -> None:
        self.folder = TemporaryDirectory()

    def teardown(self) -> None:
        self.folder.cleanup()

    def store(self) -> Store:
        return DirectoryStore(self.folder.name)

    def kill(self, number: int, write: Callable[[Store], object]) -> None:
        with killed_before_line(number):
            write(self.store())


FolderWriters.TestCase.settings = EFFORT
# A killed process closes no file, and neither does a writer here that is killed between open and with.
TestFolderWriters = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")(FolderWriters.TestCase)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("damage", [None, b"nonsense"])
def test_a_write_that_is_killed_at_any_line_leaves_the_old_ledger_or_the_new(
    tmp_path: Path, damage: bytes | None
) -> None:
    first = DirectoryStore(str(tmp_path / "0"))
    ledger(first).add(entry(f"2026-{month:02}", figures=90) for month in range(1, 9))
    if damage:
        put(first, "ledger-2", damage)
    before, made = ledger(first).read().records, entry("2026-10")
    lines = set[int]()
    for number in range(1, 1000):
        folder = Path(copytree(tmp_path / "0", tmp_path / str(number)))
        store = DirectoryStore(str(folder))
        with killed_before_line(number) as killed:
            ledger(store).add([made])
        after = ledger(store).read().records
        assert after in (before, tuple(sorted([*before, made], key=lambda old: old.key)))
        assert not damage or any(file.read_bytes() == damage for file in folder.iterdir())
        if not killed:
            break
        lines.update(killed)
    assert len(lines) > 20


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(str(tmp_path / "store"))


def test_reading_makes_nothing(store: DirectoryStore, tmp_path: Path) -> None:
    assert ledger(store).read().records == ()
    assert list(tmp_path.iterdir()) == []


def test_a_document_is_written_only_over_the_expected_version(store: DirectoryStore) -> None:
    store.save("ledger", b"one", None)
    first = store.load("ledger")
    assert first
    store.save("ledger", b"two", first.version)

    for expected in (None, first.version):
        with pytest.raises(Conflict):
            store.save("ledger", b"three", expected)
        with pytest.raises(Conflict):
            store.set_aside("ledger", expected or "")
        with pytest.raises(Conflict):
            store.delete("ledger", expected or "")
    after = store.load("ledger")
    assert after
    assert after.content == b"two"


@pytest.mark.parametrize(
    "content",
    [b"", b"groups: []", gzip.compress(b'{"schema": "maintainer.ledger/v9"}\n')],
    ids=["empty", "foreign", "newer"],
)
def test_a_document_that_cannot_be_read_is_set_aside_and_the_run_goes_on(store: DirectoryStore, content: bytes) -> None:
    put(store, "ledger", content)
    assert [problem.name for problem in ledger(store).read().problems] == ["ledger"]

    problems = ledger(store).add([entry()])

    assert [Path(problem.aside).read_bytes() for problem in problems] == [content]
    assert ledger(store).read().records == (entry(),)
    assert ledger(store).read().problems == ()


def test_a_damaged_continuation_costs_what_was_in_it_only(store: DirectoryStore) -> None:
    large = [entry(f"2026-{month:02}", report=bytes(month for _ in range(10)), figures=90) for month in range(1, 9)]
    ledger(store).add(large)
    assert store.load("ledger-2")
    put(store, "ledger-2", b"nonsense")
    left = ledger(store).read().records
    assert 0 < len(left) < len(large)

    ledger(store).add([entry("2026-12")])

    assert [old.period for old in ledger(store).read().records] == sorted([*(old.period for old in left), "2026-12"])


def test_nothing_that_was_set_aside_is_overwritten(store: DirectoryStore) -> None:
    for number in range(MOST_ASIDE):
        put(store, "ledger", b"%d" % number)
        ledger(store).add([entry()])
    put(store, "ledger", b"one more")

    with pytest.raises(SourceUnavailable, match="store-asides"):
        ledger(store).add([entry()])
    after = store.load("ledger")
    assert after
    assert after.content == b"one more"


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceUnavailable, match="Not a directory"):
        ledger(DirectoryStore(str(tmp_path / "file" / "store"))).add([entry()])


def test_one_run_at_a_time_holds_the_lock_and_its_end_frees_it(store: DirectoryStore, tmp_path: Path) -> None:
    other = DirectoryStore(str(tmp_path / "store"))
    with store.lock("host-a, process 1"):
        with pytest.raises(LockHeld) as held, other.lock("host-b, process 2"):
            pytest.fail("two runs hold the lock")
        assert held.value.holder == "host-a, process 1"
    with other.lock("host-b, process 2"):
        pass


WRITER = """
import sys
from tests.store.entries import entry
from tests.store.machine import ledger
from maintainer.store.directory import DirectoryStore

store = DirectoryStore(sys.argv[1])
with store.lock("writer"):
    for minutes in range(int(sys.argv[2]), 10**6):
        ledger(store).add([entry(f"2026-{minutes % 12 + 1:02}", minutes=minutes)])
        print(minutes, flush=True)
"""


def test_a_run_that_is_killed_leaves_what_it_had_written(store: DirectoryStore, tmp_path: Path) -> None:
    random, minutes = Random(1), 0
    for _ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "store"), str(minutes)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert writer.stdout
        with writer:
            for _ in range(random.randrange(1, 20)):
                minutes = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            minutes = max([minutes, *map(int, writer.stdout.read().split())])
        remembered = ledger(store).read()

        assert remembered.problems == ()
        written = max(old.at for old in remembered.records)
        assert written in {entry(minutes=minutes).at, entry(minutes=minutes + 1).at}
        minutes += 2
    with store.lock("the next run"):
        pass
