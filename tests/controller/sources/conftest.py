"""What the tests of the sources share: real manifests, random ones, and Kubernetes' own decoder."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import strategies as st

from gracekeeper.sources.input import Input, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS: Final = r"""
    a b name containers - -- --port=80 -1 1 1.5 017 0x1F yes on null ~ '' "" 'it''s' "xy" 'a#b' a#b a:b http://x:80/ []
    {} [a] [a,b] ["a",'b',-c,1] [a {a:b} {a: b} | |- |+ > & &x *x ! !!str @ ` % $(VAR) ${VAR} , . / \ = == << ? :
    # #c é 日本 --- ... "\n" "a\"b" 'a a: x:
""".split()
BLANKS: Final = ["\t", "\u00a0", "\u0085", "\u2028", "a\tb", "'a # b'", '"x: y"', "[a b, c]", "[ ]", "{ }"]
KEYS: Final = ["", "a: ", "b: ", "c:", "name: ", '"q": ', "'q':", "a:  ", "d :", "yes: ", "1: ", "app.io/x: ", "a: b: "]


@pytest.fixture(scope="session")
def manifest_lines() -> st.SearchStrategy[str]:
    """Texts of lines as they stand in manifests, right and wrong, put together at random."""
    words = st.sampled_from([*WORDS, *BLANKS])
    lines = st.builds(
        lambda margin, dashes, key, value, comment: f"{' ' * margin}{dashes}{key}{value}{comment}\n",
        st.integers(0, 6),
        st.sampled_from(["", "", "", "- ", "- - ", "-   ", "-"]),
        st.sampled_from(KEYS),
        words | st.just("") | st.builds("{} {}".format, words, words),
        st.sampled_from(["", "", "", " ", " # c", "# c", "  #"]),
    )
    return st.lists(lines, max_size=8).map("".join)


@pytest.fixture(scope="session")
def manifests(corpus: Path) -> dict[str, str]:
    """Real manifests: their text by file name."""
    return {str(file): file.read_text("utf-8") for file in sorted(corpus.rglob("*.yaml"))}


@pytest.fixture(scope="session")
def kubernetes(
    oracle: Callable[[str], Callable[[list[str]], list[dict[str, Any]]]],
) -> Callable[[list[str]], list[dict[str, Any]]]:
    """How Kubernetes itself reads texts: for each the keys `strict`, `lenient` and `stream` of the oracle's answer."""
    return oracle("kubernetes_yaml")


@pytest.fixture
def read_stdin() -> Callable[[str | bytes], Input]:
    """Read a text as standard input."""

    def from_stdin(content: str | bytes) -> Input:
        return read(["-"], stdin=BytesIO(content.encode() if isinstance(content, str) else content))

    return from_stdin
