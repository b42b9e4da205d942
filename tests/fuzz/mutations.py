"""Mutations of texts and of documents: what somebody writes who wants to break the reader, or who made a mistake."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

Tree = Any
"""A document as ``json.loads`` returns it."""

TOKENS = [
    b"\x00", b"\x1b[2J", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xc2\x9b31m", b"\r",
    b"\t", b"{", b"}", b"[", b"]", b'"', b"'", b"`", b"\\", b"#", b": ", b"- ", b"|\n", b">-\n", b"---\n", b"&a ",
    b"*a", b"<<: *a\n", b"!!binary ", b"%YAML 9\n", b"{{", b"}}", b"$x", b"\\ud800", b"::error::", b"%0A", b"(" * 40,
    b"[" * 600, b"-" * 300, b"9" * 400, b"1e999", b'{phase="Degraded"}', b"rollout_info", b"argo_rollout_info", b" or ",
    b"[5m]", b'=~"(a+)+$"',
]  # fmt: skip
"""Pieces that mean something to YAML, JSON, PromQL, Grafana, GitHub or a terminal."""

VALUES: Sequence[Tree] = [
    None, True, 0, -1, 1e300, "", [], {}, [[]], {"": ""}, "yesterday", "\ud800", "\x1b[31m", "\u202e", "a" * 5000,
    {"expr": {"expr": 1}}, [None, [None]], "rollout_info", 'rollout_info{phase="Degraded"}', '{"expr": "rollout_info"',
]  # fmt: skip
"""What may stand where something else is expected."""


@st.composite
def mutated_bytes(draw: st.DrawFn, seed: bytes) -> bytes:
    """The bytes with a few pieces inserted, removed, repeated or exchanged."""
    content = seed
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4), st.just(content[start:end] * 2)))
        content = content[:start] + piece + content[draw(st.sampled_from([start, end])) :]
    return content


@st.composite
def mutated_tree(draw: st.DrawFn, seed: Tree) -> Tree:
    """The document with a few of its parts replaced, wrapped or renamed."""
    tree = seed
    for _ in range(draw(st.integers(1, 4))):
        tree = _mutated(draw, tree)
    return tree


def _mutated(draw: st.DrawFn, tree: Tree) -> Tree:
    """One mutation, in a part that is reached by a walk from the root."""
    if isinstance(tree, dict) and tree and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(list(tree)))
        return {**tree, key: _mutated(draw, tree[key])}
    if isinstance(tree, list) and tree and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(tree) - 1))
        return [*tree[:at], _mutated(draw, tree[at]), *tree[at + 1 :]]
    match draw(st.sampled_from(["replace", "wrap", "repeat", "key"])):
        case "wrap":
            return _wrapped(tree, draw(st.sampled_from([1, 3, 50])))
        case "repeat":
            return [tree] * draw(st.integers(0, 3))
        case "key":
            return {draw(st.sampled_from(["expr", "spec", "data", "<<", "", "\x1b]0;x\x07"])): tree}
        case _:
            return draw(st.sampled_from(VALUES))


def _wrapped(tree: Tree, depth: int) -> Tree:
    for level in range(depth):
        tree = [tree] if level % 2 else {"panels": tree}
    return tree
