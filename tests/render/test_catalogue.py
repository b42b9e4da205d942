"""Every sentence that the code can make is in the catalogue with all that it asks for, and no other one is."""

import ast
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from string import Formatter
from typing import get_args

import pytest

from maintainer.analyse.alerts.hours import KINDS as HOURS
from maintainer.analyse.alerts.table_shapes import COLUMNS
from maintainer.analyse.checks import ACCURACY_CHECKS, CHECKS, READ_FROM
from maintainer.analyse.storage.review import Basis
from maintainer.model.alert_archive import ASKED, KINDS
from maintainer.model.message import message
from maintainer.model.queries import Asks
from maintainer.model.report import SEVERITIES, Action, JobName
from maintainer.render import bar, head
from maintainer.render.check_list import STATES
from maintainer.render.harm import HARM_OF
from maintainer.render.headline import WHOLE
from maintainer.render.pipeline_picture import ENDS, LINKS_OF
from maintainer.render.reach import NAMED
from maintainer.render.words import Catalogue, Entry, load, say
from maintainer.settings import defaults
from tests.render.evidence_keys import evidence_keys
from tests.render.known_texts import OPEN, Texts
from tests.render.made_sentences import Made, made
from tests.render.parsed_modules import calls, modules

ENGLISH = load("en")


def second(maker: str, first: str) -> set[str]:
    """The second argument of each call of a maker that has this first one: causes of a check, rows of a meaning."""
    found = [[Texts(module).of(argument) for argument in node.args[:2]] for module, node in calls(maker)]
    return {text for firsts, texts in found if first in firsts for text in texts}


REMARKED = {id_ for id_ in CHECKS if id_.startswith("query/")} - {"query/error", "query/no-data"}
"""What a query is told by itself, without a Prometheus."""

HELD: Mapping[str, Iterable[str]] = {
    "alert/unpaged/*.action": ("pending", "late", "before", "none"),
    "alert/unpaged/*.summary": ("incident", "failed"),
    "*.means": CHECKS,
    "*.remedy": CHECKS,
    "demo/asks.*": {*get_args(JobName)} - {"harvest"},
    "demo/played.*": head.HEAD,
    "*.why": HARM_OF,
    "fact/*": READ_FROM,
    "fact/from.*": READ_FROM.values(),
    "harvest/unread.*": (*KINDS, *ASKED),
    "lint/check.*": REMARKED,
    "month/check.*": {check.id for check in ACCURACY_CHECKS} - {"coverage/unwatched"},
    "picture/forecast.*": ("low", "expected", "high"),
    "picture/limit.*": ("in-force", "proposed"),
    "picture/month.*": {f"{month:02}" for month in range(1, 13)},
    "pipeline-picture/found.*": {check for check, links in LINKS_OF.items() if links},
    "pipeline-picture/node.*": {node for ends in ENDS.values() for node in ends},
    "quarterly/column.*": {column for columns in COLUMNS.values() for column in columns},
    "quarterly/hours.*": HOURS,
    "queries/can.*": REMARKED - {"query/not-checked"},
    "queries/kind.*": get_args(Asks),
    "report/checks.*": STATES,
    "report/count.*": {*SEVERITIES} - {"info"},
    "report/figure.*": {figure for figures in head.HEAD.values() for figure in figures},
    "report/figure.of.*": {
        whole.partition(".")[0] for figures in head.HEAD.values() for whole in figures.values() if whole
    },
    "report/job.*": head.HEAD,
    "report/month.*": {f"{month:02}" for month in range(1, 13)},
    "report/reach.*": (*NAMED, "other"),
    "report/misled.*": WHOLE,
    "report/misled.*.of": WHOLE,
    "report/severity.*": (*SEVERITIES, "ok", "none"),
    "report/share.*": {name for names in bar.SHARES.values() for name in names},
    "report/shares.*": bar.SHARES,
    "report/title.*": head.HEAD,
    "report/weekday.*": map(str, range(1, 8)),
    "report/change.*": ["grown", "shrunk"],
    "storage/option.basis.*": get_args(Basis),
    "setting/*": [
        key
        for name, value in defaults().items()
        for key in ([f"{name}.{inner}" for inner in value] if isinstance(value, Mapping) else [name])
    ],
}
"""What the calls leave open that read it from data: the values of that data."""


@cache
def held() -> Mapping[str, Iterable[str]]:
    """The same with the data that is looked for in the code, which takes long."""
    of_differences = ("accuracy/phase", "accuracy/replicas", "accuracy/strategy", "coverage/missing")
    causes = {check: second("Difference", check) for check in of_differences}
    causes["accuracy/meaning"] = second("Meaning", "misleading")
    return {
        **HELD,
        **{f"{check}/*.{part}": those for check, those in causes.items() for part in ("action", "summary")},
        "accuracy/meaning/*.explained": second("Meaning", "explained"),
        "evidence/*": evidence_keys(),
    }


@cache
def sentences() -> frozenset[Made]:
    """What the code makes, with what it leaves open filled in."""
    return frozenset(
        sentence._replace(id=sentence.id.replace(OPEN, value), sure=sentence.sure or OPEN in sentence.id)
        for sentence in made()
        for value in held().get(sentence.id, ("",))
    )


def faults(catalogue: Catalogue, makers: Collection[Made]) -> list[str]:
    """Everything in which the catalogue and the code do not fit together."""
    asked = {id_: parameters(entry) for id_, entry in catalogue.entries.items()}
    found = [
        f"{id_} is in the catalogue, and nothing makes it"
        for id_ in asked.keys() - {sentence.id for sentence in makers}
    ]
    for sentence in makers:
        lacking = asked.get(sentence.id, set()) - sentence.params
        found += [f"{sentence.where}: {sentence.id} needs {sorted(lacking)}"] if lacking else []
        found += (
            [f"{sentence.where}: {sentence.id} is not in the catalogue"]
            if sentence.sure and sentence.id not in asked
            else []
        )
    return sorted(found)


def parameters(entry: Entry) -> set[str]:
    """What an entry asks for in any of its forms; one with forms also for the count that chooses."""
    forms = [entry] if isinstance(entry, str) else [*entry.values(), "{count}"]
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name is not None}


def without(id_: str) -> Catalogue:
    return Catalogue("en", {other: entry for other, entry in ENGLISH.entries.items() if other != id_})


def changed(id_: str, entry: Entry) -> Catalogue:
    return Catalogue("en", {**ENGLISH.entries, id_: entry})


def test_the_code_and_the_catalogue_fit_together() -> None:
    assert faults(ENGLISH, sentences()) == []


def test_the_code_leaves_open_only_what_is_known_to_be_data() -> None:
    assert {sentence.id for sentence in made() if OPEN in sentence.id} == set(held())


@pytest.mark.parametrize(
    ("id_", "where"),
    [
        ("pipeline/reload/failed.summary", "analyse/pipeline/reload.py"),
        ("pipeline/version/newer.action", "analyse/pipeline/version.py"),
        ("gap/web-handshake", "clients/session.py"),
        ("gap/no-emitter", "analyse/accuracy/gaps.py"),
        ("lint/queries", "render/lint.py"),
        ("queries/can.yes", "analyse/queries/query_table.py"),
        ("report/gaps.none", "report.md.j2"),
    ],
)
def test_a_sentence_that_the_catalogue_lacks_is_found(id_: str, where: str) -> None:
    found = faults(without(id_), sentences())

    assert found
    assert any(where in fault for fault in found)
    assert all(fault.endswith(f": {id_} is not in the catalogue") for fault in found)


@pytest.mark.parametrize(
    "id_", ["accuracy/phase/drift.summary", "gap/web-auth", "query/dead-selector.value", "report/gaps"]
)
def test_a_parameter_that_no_call_gives_is_found(id_: str) -> None:
    found = faults(changed(id_, "{no_such}"), sentences())

    assert found
    assert all(fault.endswith(f": {id_} needs ['no_such']") for fault in found)


def test_a_parameter_that_a_call_gives_no_longer_is_found() -> None:
    found = faults(ENGLISH, [sentence._replace(params=frozenset()) for sentence in sentences()])

    for id_, entry in ENGLISH.entries.items():
        assert any(f": {id_} needs " in fault for fault in found) == bool(parameters(entry))


@pytest.mark.parametrize(
    "id_", ["gap/web-teapot", "pipeline/scrape/odd.summary", "queries/can.maybe", "report/nothing"]
)
def test_a_sentence_that_nothing_makes_is_found(id_: str) -> None:
    assert faults(changed(id_, "Never said."), sentences()) == [f"{id_} is in the catalogue, and nothing makes it"]


def test_actions_have_a_word_for_each_kind() -> None:
    kinds = get_args(Action.__annotations__["kind"])

    assert {id_ for id_ in ENGLISH.entries if id_.startswith("report/action.")} == {
        f"report/action.{kind}" for kind in kinds
    }


def test_every_sentence_can_be_said_of_one_and_of_many() -> None:
    for id_, entry in ENGLISH.entries.items():
        names = parameters(entry)
        assert all(name.isidentifier() for name in names), id_
        for count in (1, 2):
            said = say(ENGLISH, message(id_, **{**dict.fromkeys(names, "x"), "count": count}))
            assert said, id_
            assert not said.startswith(id_)


def test_one_and_many_ask_for_the_same_but_for_what_is_only_said_of_many() -> None:
    forms = {id_: entry for id_, entry in ENGLISH.entries.items() if not isinstance(entry, str)}

    assert [id_ for id_, form in forms.items() if parameters(form["one"]) - parameters(form["other"])] == []


def test_the_keys_of_evidence_are_identifiers_and_no_words() -> None:
    keys = [
        key.value
        for module in modules()
        if module.name.startswith("maintainer/analyse/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]

    assert "lastScrape" in keys
    assert not [key for key in keys if " " in str(key)]
