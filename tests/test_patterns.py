"""No regular expression of ours takes more than in proportion to a text, however the text is made.

Python's engine goes back, so that a pattern with two ways to match the same takes the square of the text's length, or
doubles with each character. Texts are made of what a pattern itself looks for, and grow; the time for a character must
not grow with them. It is compared with the time for a character of a short text, and measured again before it counts.
"""

import random
import re
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import maintainer

SIZES = (*range(12, 60, 4), 100, 150, 300, 3_000)
"""Characters: few more each time at first, so that a text for which the time doubles is found and not waited for."""
SLOWER = 12
"""How much longer a character of a larger text may take than one of the shortest."""
LEAST = 1e-3
"""Seconds that are not yet slow for a text of any size."""
_OUR_OWN = ("maintainer.sandbox",)
"""What reads nothing from outside."""


SOURCE = "\n".join(file.read_text("utf-8") for file in Path(maintainer.__path__[0]).rglob("*.py"))


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The compiled patterns of all modules, also in mappings, by the names of their modules and their own."""
    for module in walk_packages(maintainer.__path__, "maintainer."):
        if module.name.startswith(_OUR_OWN):
            continue
        for name, value in vars(import_module(module.name)).items():
            compiled = value.values() if isinstance(value, dict) else [getattr(value, "__self__", value)]
            for pattern in compiled:
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    yield f"{module.name}.{name}", pattern


PATTERNS = {pattern.pattern: (name, pattern) for name, pattern in patterns()}


def looks_anywhere(name: str) -> bool:
    """Whether a pattern is looked for anywhere in a text, and not only at a place that is known."""
    module, _, own = name.rpartition(".")
    source = Path(f"{import_module(module).__file__}").read_text("utf-8") if own.startswith("_") else SOURCE
    used = set(re.findall(rf"\b{own}\.(\w+)", source))
    used |= set(re.findall(rf"\b{own} = re\.compile\(.*\)\.(\w+)", source))
    return not used or not used <= {"match", "fullmatch", "pattern"}


def texts(pattern: re.Pattern[str]) -> Iterator[tuple[str, str, str]]:
    """Begin, repeated part and end of adversarial texts, made of the words and characters that a pattern names."""
    draw = random.Random(repr(pattern.pattern))
    words = [*re.findall(r"[A-Za-z]{2,}", pattern.pattern), "a", "A", "1"]
    marks = [*dict.fromkeys(re.findall(r"[^\w]", pattern.pattern)), " ", "\n", '\\"']
    opening = [mark for mark in "({[\"'$" if mark in marks]
    for repeated in (*words, *marks, *(f"{mark}a" for mark in marks)):
        for begin in ("", *opening, draw.choice(words) + draw.choice(marks)):
            yield begin, repeated, draw.choice(("", "!", "\n", "x"))


def seconds(pattern: re.Pattern[str], text: str, *, anywhere: bool) -> float:
    """CPU time to look for a pattern in a text, everywhere or only as the whole and at its begin."""
    start = time.process_time()
    for _ in pattern.finditer(text) if anywhere else ():
        pass
    pattern.match(text)
    pattern.fullmatch(text)
    return time.process_time() - start


def grows(pattern: re.Pattern[str], parts: tuple[str, str, str], *, anywhere: bool) -> bool:
    """Whether a character takes longer in a larger text."""
    begin, repeated, end = parts
    usual = 0.0
    for size in SIZES:
        text = begin + repeated * (size // len(repeated) + 1) + end
        took = seconds(pattern, text, anywhere=anywhere)
        usual = usual or max(took, 2e-6) / len(text)
        if took > LEAST and took / len(text) > SLOWER * usual:
            again = min(seconds(pattern, text, anywhere=anywhere) for _ in range(3))
            if again > LEAST and again / len(text) > SLOWER * usual:
                return True
    return False


@pytest.mark.parametrize("source", PATTERNS, ids=[name for name, _ in PATTERNS.values()])
def test_a_pattern_takes_time_in_proportion_to_the_text(source: str) -> None:
    name, pattern = PATTERNS[source]
    anywhere = looks_anywhere(name)
    assert next((text for text in texts(pattern) if grows(pattern, text, anywhere=anywhere)), None) is None


@pytest.mark.parametrize("source", [r"(a|aa)+$", r"\s+$", r'"(?:[^"]|\\.)*"', r"(\w+\s?)*:"])
def test_a_pattern_that_goes_back_is_found(source: str) -> None:
    pattern = re.compile(source)
    assert any(grows(pattern, text, anywhere=True) for text in texts(pattern))
