"""The words of the reports: a catalogue per language, and the one function that says a message in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

from maintainer.errors import ConfigError
from maintainer.model.message import Message, Param, message
from maintainer.render.particles import Filled

JOINER = "report/joiner"

Entry = str | Mapping[str, str]

_FAULTS = (LookupError, ValueError, TypeError, AttributeError)
"""What it raises to fill in a text that asks for something which is not there, or not of that kind."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every sentence of one language by id: a text with ``{named}`` places, or a pair: one and other."""

    language: str
    entries: Mapping[str, Entry]


def load(language: str) -> Catalogue:
    """Read the catalogue of a language: all YAML files of ``catalogue/<language>/`` together.

    Raises ConfigError if there is no such language, ValueError if an id stands twice or an entry is no text.
    """
    folder = files("maintainer.render") / "catalogue" / language
    if not language.isalpha() or not folder.is_dir():
        raise ConfigError(f"There is no catalogue for the language {language!r}. Choose another --lang.")
    entries: dict[str, Entry] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            for id_, entry in parse(file.read_text(encoding="utf-8")):
                if id_ in entries:
                    raise ValueError(f"{id_} stands twice in the catalogue ({language}, {file.name})")
                entries[id_] = entry
    return Catalogue(language, entries)


def parse(text: str) -> Iterator[tuple[str, Entry]]:
    """Entries of one YAML file in their order, ids that stand twice included; a bare ``no`` is a text."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, node in document.value if document else ():
        if isinstance(node, yaml.MappingNode):
            forms = {form.value: words.value for form, words in node.value}
            if not {"other"} <= set(forms) <= {"one", "other"}:
                raise ValueError(f"{key.value} has the forms {sorted(forms)}, not one and other")
            yield key.value, forms
        elif isinstance(node, yaml.ScalarNode):
            yield key.value, node.value
        else:
            raise ValueError(f"{key.value} is neither a text nor a pair of one and other")


def say(catalogue: Catalogue, sentence: Message) -> str:
    """One message in words.

    Messages in its parameters are said first, several are joined with the entry ``report/joiner``. Numbers
    get thousands separators (1,579); what must not (a port, a year) is given as a text. ``{name:은는}`` is followed by
    the Korean particle in its right form (:mod:`maintainer.render.particles`). A fault of the catalogue
    costs this sentence and never the report: if the id is not there, or a parameter that the entry asks for is
    missing or of another kind, the id stands in its place with the parameters.
    """
    try:
        entry = catalogue.entries[sentence.id]
        if not isinstance(entry, str):
            entry = entry["one" if sentence.named["count"] == 1 and "one" in entry else "other"]
        return entry.format_map({name: Filled(_in_words(catalogue, value)) for name, value in sentence.params})
    except _FAULTS:
        return _unworded(catalogue, sentence)


def number(value: float) -> str:
    """A number as it stands in a text: ``1,579``, ``0.25``; four decimals, three digits if it is tiny."""
    if 0 < abs(value) < 0.001:
        return f"{value:.3g}"
    return f"{round(value, 4):,}".removesuffix(".0")


def _unworded(catalogue: Catalogue, sentence: Message) -> str:
    """The id and the parameters: ``accuracy/phase/drift.summary (count=3, rollout=shop/cart)``."""
    said = []
    for name, value in sentence.params:
        try:
            said.append(f"{name}={_in_words(catalogue, value)}")
        except _FAULTS:
            said.append(f"{name}={value}")
    return f"{sentence.id} ({', '.join(said)})" if said else sentence.id


def _in_words(catalogue: Catalogue, value: Param) -> str:
    match value:
        case str():
            return value
        case Message():
            return say(catalogue, value)
        case tuple():
            return say(catalogue, message(JOINER)).join(say(catalogue, part) for part in value)
        case _:
            return number(value)
