"""``maintainer plan``: what limits keep and take, from given numbers, and what it says where it has none."""

from dataclasses import replace

import pytest

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.plan import Asked, plan
from maintainer.errors import ConfigError
from maintainer.settings import Settings, load

GIVEN = Asked("90d", "45GB", ingest="5000", sample="1.4")


def planned(asked: Asked, capsys: pytest.CaptureFixture[str], **settings: object) -> str:
    flags = {key.replace("__", "."): value for key, value in settings.items()}
    assert plan(asked, load("", {}, flags), KnownSecrets(())) == 0
    return capsys.readouterr().out


def row(out: str, name: str) -> str:
    (line,) = (line for line in out.splitlines() if line.strip().startswith(name))
    return line.strip().removeprefix(name).strip()


def test_limits_are_answered_with_what_they_keep_take_and_the_lines_to_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = planned(GIVEN, capsys)

    assert row(out, "Surely keeps, days") == "71.7"
    assert row(out, "Deletes first") == "the size"
    assert row(out, "Volume needed, GiB") == "50"
    assert out.endswith("prometheus:\n  retention:\n    time: 90d\n    size: 45GB\n  persistence:\n    size: 50Gi\n")


def test_a_growth_has_a_column_of_its_own_and_the_lines_are_for_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    out = planned(replace(GIVEN, growth="10%/30d", ahead="90d"), capsys)

    assert "In 90 days" in out
    assert row(out, "Surely keeps, days").split() == ["71.7", "51.8"]


def test_the_volume_and_the_price_of_the_settings_are_used(capsys: pytest.CaptureFixture[str]) -> None:
    out = planned(GIVEN, capsys, storage__diskSize="40Gi", storage__price=0.1)

    assert row(out, "Present volume") == "Too small"
    assert row(out, "Cost a month, in the currency of storage.price") == "5"


def test_it_speaks_korean(capsys: pytest.CaptureFixture[str]) -> None:
    assert "필요한 볼륨(GiB)" in planned(GIVEN, capsys, reports__language="ko")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(), "give --retention 90d, --size 45GB, or both"),
        (Asked("90 days"), "--retention: '90 days' is not a duration"),
        (Asked(size="45Gi"), "--size: '45Gi' is no size; write it as Prometheus does"),
        (Asked("90d", ingest="5000"), "--ingest and --bytes-per-sample go together"),
        (replace(GIVEN, ingest="many"), "--ingest many is no number above 0"),
        (replace(GIVEN, sample="0"), "--bytes-per-sample 0 is no number above 0"),
        (replace(GIVEN, growth="10%"), "--growth 10% is no growth; write it as 10%/30d"),
        (replace(GIVEN, growth="10%/0d"), "--growth 10%/0d is no growth"),
        (replace(GIVEN, growth="900%/1d"), "is more than any disk"),
        (replace(GIVEN, ahead="90d"), "give --growth as well"),
    ],
)
def test_what_cannot_be_planned_is_told_with_what_to_type(asked: Asked, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        plan(asked, Settings(), KnownSecrets(()))

    assert said in str(error.value)
