"""Regular expressions mean what a real Prometheus takes them for; what cannot be judged is not judged."""

import random
import subprocess
import time
from collections.abc import Iterator

import pytest
import requests

from maintainer.model.matchers import matcher, value_test
from maintainer.sandbox.programs import Program, ask, find, free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, launch

VALUES = (
    "", "a", "A", "b", "ab", "aB", "abab", "a.b", "a-b", "a b", "a|b", "a\nb", "\n", "a\n", "\\", '"', "$", "^", "é",
    "É", "결제", "\u017f", "\u212a", "ß", "1", "42", "web-6d4cf56db6-2", "Progressing", "_", "\t", "{2}", "*", "🚀",
    "aaaaaaaa",
)  # fmt: skip
ATOMS = (
    "a", "b", "ab", "A", ".", "\\.", "[ab]", "[^a]", "[a-z]", "[[:alpha:]]", "[^[:digit:]]", "\\d", "\\D", "\\w",
    "\\W", "\\s", "\\S", "é", "결", "\\pL", "\\p{Greek}", "\\PN", "\\x41", "\\x{1F680}", "\\n", "\n", "\\t", "-", " ",
    "$",
    "^", "\\b", "\\B", "\\A", "\\z", "\\Q.b\\E", "\\|", "_", "k", "s", "", "\\pN", "[\\d-]", "[]a]", "[-a]", "{2}",
    "[^\\n]",
)  # fmt: skip
REPEATS = ("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{2,}", "{0}", "{,2}", "{2,3}?")
GROUPS = ("({})", "(?:{})", "(?i:{})", "(?i){}", "(?s){}", "(?m){}", "(?U){}", "(?P<n>{})", "(?s:{})", "(?-s:{})")
REFUSED = (
    "(", ")", "a)|(b", "[", "[z-a]", "*", "+a", "a**", "a{2}{3}", "a{1001}", "(a{100}){11}", "\\1", "\\Z", "\\C",
    "a\\C", "\\8", "(?=a)", "(?<!a)", "(?>a)", "(?#c)", "(?x)a", "a*+", "\\h", "\\R", "\\é", "\\u0041", "(?P>n)",
    "(?P=n)",
    "\\p{Nothing}", "[[:nothing:]]", "a{2,1}", "\\x{110000}", "\\", "[a", "(?i", "\\xZZ", "(?z)",
)  # fmt: skip
LARGE = "\\pL{0,100}"
"""Compiled, it is larger than what is kept in memory for one matcher."""
DEEP = "(" * 1001 + ")" * 1001
"""Go reads groups only as deep as 1,000, RE2 deeper."""
STORED_AT = int(time.time()) - 4 * 3600


def expression(draw: random.Random, depth: int = 0) -> str:
    """A regular expression that is mostly valid."""
    if depth > 2 or draw.random() < 0.4:
        return draw.choice(ATOMS) + draw.choice(REPEATS)
    kind = draw.randrange(3)
    if kind == 0:
        return "".join(expression(draw, depth + 1) for _ in range(draw.randint(1, 3)))
    if kind == 1:
        return "|".join(expression(draw, depth + 1) for _ in range(draw.randint(2, 3)))
    return draw.choice(GROUPS).format(expression(draw, depth + 1)) + draw.choice(REPEATS)


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Program]:
    """A Prometheus with a series for each of the values."""
    folder = new_folder()
    lines = [f"{matcher('x{v', value)}}} 1 {STORED_AT}" for value in VALUES if value]
    (folder / "series").write_text("\n".join(["# TYPE x gauge", f"x 1 {STORED_AT}", *lines, "# EOF\n"]), "utf-8")
    [promtool] = find(["promtool"])
    blocks = ["tsdb", "create-blocks-from", "openmetrics", str(folder / "series"), str(folder / "data")]
    subprocess.run([promtool, *blocks], check=True, capture_output=True)
    program = launch(folder, {CONFIG: "{}"}, port=free_port())
    try:
        program.wait()
        yield program
    finally:
        stop([program])


def let_through(prometheus: Program, op: str, pattern: str) -> frozenset[str] | None:
    """The values that Prometheus lets through; ``None`` if it refuses the query."""
    answer = ask(f"{prometheus.url}/api/v1/query", query=f"x{{{matcher('v', pattern, op=op)}}}", time=f"{STORED_AT}")
    if answer.status_code == requests.codes.bad_request:
        return None
    return frozenset(series["metric"].get("v", "") for series in answer.json()["data"]["result"])


def judged(op: str, pattern: str) -> frozenset[str] | None:
    """The values that our test lets through; ``None`` where it is not judged."""
    passes = value_test(op, pattern)
    return passes and frozenset(filter(passes, VALUES))


def test_matchers_let_through_what_a_real_prometheus_lets_through(prometheus: Program) -> None:
    draw = random.Random(20261130)
    patterns = dict.fromkeys(expression(draw) for _ in range(330))
    cases = [(draw.choice(("=~", "!~")), pattern) for pattern in patterns]
    assert len(cases) >= 300
    assert [case for case in cases if judged(*case) != let_through(prometheus, *case)] == []


def test_what_a_real_prometheus_refuses_is_not_judged(prometheus: Program) -> None:
    assert [pattern for pattern in REFUSED if let_through(prometheus, "=~", pattern) is not None] == []
    assert [pattern for pattern in REFUSED if value_test("=~", pattern)] == []


def test_what_is_large_or_deep_is_where_both_differ(prometheus: Program) -> None:
    assert (let_through(prometheus, "=~", LARGE) is None, value_test("=~", LARGE) is None) == (False, True)
    assert (let_through(prometheus, "=~", DEEP) is None, value_test("=~", DEEP) is None) == (True, False)


def test_half_a_surrogate_is_a_replacement_character_and_no_regular_expression() -> None:
    passes = value_test("=~", "a\ufffd")
    assert passes is not None
    assert passes("a\ud800")
    assert value_test("=~", "\ud800.*") is None


@pytest.mark.parametrize("pattern", ["(((.*)*)*)*x", "(a|aa)+$", "(.*a){20}", "(?:a?){200}a{200}"])
def test_no_regular_expression_takes_long(pattern: str) -> None:
    passes = value_test("=~", pattern)
    assert passes is not None
    assert not passes("a" * 5_000 + "!")
