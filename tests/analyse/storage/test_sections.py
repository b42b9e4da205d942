"""The tables and bars of a review: every option is there, what is not known is said, and the lines are exact."""

from dataclasses import replace

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.sections import limits_table, option_sections, space_bars, storage_figures
from maintainer.model.byte_size import GIB, MIB
from maintainer.model.message import Message
from maintainer.model.sections import Bars, Chip, Diff, Table, Text
from maintainer.model.storage import Block, FileRetention, StorageFacts, StorageHistory
from maintainer.render.words import load, say
from tests.analyse.storage.builders import BLOCKS, FACTS, NOW, VOLUME, limited, metrics, review, stateful_set

WORDS = load("en")


def shown(cell: object) -> str:
    match cell:
        case Message():
            return say(WORDS, cell)
        case Chip():
            return say(WORDS, cell.label)
        case _:
            return str(cell)


def rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(map(shown, row)) for row in table.rows]


def test_each_place_is_told_with_its_limits() -> None:
    (table,) = limits_table(
        review(file=FileRetention(90 * DAY), deployed=(stateful_set("--storage.tsdb.retention.time=30d"),))
    )

    assert [limits for _, limits in rows(table)] == ["30d", "30d, 45GB", "90d", "30d, 45GB", "29.4 days"]


def test_what_is_not_known_is_said() -> None:
    (table,) = limits_table(review(StorageFacts()))

    assert [limits for _, limits in rows(table)] == ["not known", "not known"]
    assert list(space_bars(review(StorageFacts()))) == []
    assert [type(section) for section in option_sections(review(StorageFacts()))] == [Text]


def test_the_present_and_all_options_stand_side_by_side() -> None:
    bars, table, _, *lines = option_sections(review())

    assert isinstance(table, Table)
    assert isinstance(bars, Bars)
    assert [row[:3] for row in rows(table)] == [
        ("30d, 45GB (present)", "30.0", "the time"),
        ("60d", "60.0", "the time"),
        ("90d", "90.0", "the time"),
        ("180d", "180.0", "the time"),
        ("90d, 45GB", "70.5", "the size"),
    ]
    assert [row[6] for row in rows(table)] == [
        "Large enough", "Large enough", "Too small, can grow", "Too small, can grow", "Large enough",
    ]  # fmt: skip
    assert [bar.tone for bar in bars.bars] == ["ok", "ok", "error", "error", "ok"]
    assert {chip.tone: shown(chip) for chip in bars.legend} == {
        "ok": "fits the present volume of 50 GiB",
        "error": "larger than the present volume of 50 GiB",
    }
    assert [line.after.splitlines()[2].strip() for line in lines if isinstance(line, Diff)] == [
        "time: 60d", "time: 90d", "time: 180d", "time: 90d",
    ]  # fmt: skip


def test_the_lines_of_an_option_never_shrink_the_volume() -> None:
    after = [section.after for section in option_sections(review()) if isinstance(section, Diff)]

    assert [text.splitlines()[-1].strip() for text in after] == [
        "size: 50Gi", "size: 63Gi", "size: 119Gi", "size: 50Gi",
    ]  # fmt: skip


def test_a_small_prometheus_gets_a_small_volume() -> None:
    volume, log = replace(VOLUME, size=325 * MIB), metrics(wal=10.0 * MIB, head_chunks=1.0 * MIB)
    small = review(history=StorageHistory(50, DAY), volume=volume, metrics=log)
    before, after = next(
        (section.before, section.after) for section in option_sections(small) if isinstance(section, Diff)
    )

    assert before.splitlines()[-1].strip() == "size: 325Mi"
    assert after.splitlines()[-1].strip().endswith("Mi")


def test_a_volume_costs_what_the_settings_say() -> None:
    table = next(section for section in option_sections(review()) if isinstance(section, Table))

    assert [float(row[7]) for row in rows(table)] == [float(row[5]) / 10 for row in rows(table)]


def test_without_a_volume_no_option_is_said_to_fit() -> None:
    table = next(section for section in option_sections(review(volume=None)) if isinstance(section, Table))

    assert {row[6] for row in rows(table)} == {"not known"}


def test_the_space_that_is_left_is_told() -> None:
    (bars,) = space_bars(review())

    assert [bar.value for bar in bars.bars] == [16.5, 1.0, 0.2, 32.3]
    assert bars.bars[-1].tone == "ok"
    assert [(shown(chip), chip.tone) for chip in bars.legend] == [("used", "neutral"), ("free", "ok")]


def test_the_figures_leave_out_what_is_not_known() -> None:
    assert storage_figures(review())["storage.bytes-per-sample"] == 1.4
    assert storage_figures(review(StorageFacts())) == {}


def test_a_sample_is_computed_from_all_blocks_and_only_estimated_without_them() -> None:
    young = tuple(Block(NOW - DAY, NOW, 1000, 1) for _ in range(3))

    assert review().basis == "blocks"
    assert review(blocks=(*BLOCKS[:1], *young * 70_000)).basis == "blocks"
    assert review(blocks=young).basis == "young"
    assert review(blocks=None).basis == "chunks"
    assert review(blocks=None).sample_bytes == 1.3 * 1.1
    assert review(blocks=None, history=StorageHistory(5_000, DAY)).basis is None


def test_the_ingest_is_that_of_the_last_day_else_since_the_start() -> None:
    assert review().ingest == 5_000
    assert review(history=None).ingest == 5_000
    assert review(history=None, metrics=metrics(started=NOW - 60, appended=10.0)).ingest is None
    assert review(FACTS, history=StorageHistory(ingest=0.0)).ingest == 0


def test_a_log_that_is_not_measured_is_estimated_and_that_is_said() -> None:
    old = review(history=StorageHistory(5_000, DAY), metrics=metrics(wal=None, head_chunks=None))
    table = next(section for section in option_sections(old) if isinstance(section, Table))

    assert old.usage is not None
    assert 0.5 * GIB < old.usage.head < GIB
    assert table.lead is not None
    assert "is estimated" in say(WORDS, table.lead)


def test_the_size_only_server_is_compared_too() -> None:
    assert limited(None, 45 * GIB).options[0].bites == "size"
    assert VOLUME.expandable
