"""What was worked out once holds again where words and variables are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.process.recollection import Recollection
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.trace import trace
from gracekeeper_policies.provenance import Known, Word

if TYPE_CHECKING:
    from gracekeeper_policies.process.environment import Variable
    from gracekeeper_policies.process.recollection import Variables

variables = st.dictionaries(
    st.sampled_from("ABC"), st.sampled_from(["", "1", "2"]).map(lambda text: Known(text, "env")), max_size=3
)


@given(st.lists(st.tuples(st.sampled_from("xy"), st.frozensets(st.sampled_from("ABC")), variables), max_size=30))
def test_a_memory_changes_no_answer(asked: list[tuple[str, frozenset[str], dict[str, Variable]]]) -> None:
    """Whatever was asked before, in whatever order."""
    memory: Recollection[object] = Recollection()
    for key, names, values in asked:

        def work(given: Variables, key: str = key, names: frozenset[str] = names) -> object:
            return key, names, [given.get(name) for name in sorted(names)]

        assert work(values) == memory.of((key, names), values, work)


def test_the_same_is_worked_out_once() -> None:
    """Variables that nobody asks for may differ."""
    memory: Recollection[int] = Recollection()
    calls: list[object] = []

    def work(given: Variables) -> int:
        calls.append(given.get("A"))
        return len(calls)

    first = memory.of("web", {"A": Known("1", "env"), "B": Known("1", "env")}, work)
    again = memory.of("web", {"A": Known("1", "env"), "B": Known("2", "env")}, work)
    other = memory.of("web", {"A": Known("2", "env")}, work)
    assert (1, 1, 2) == (first, again, other)


def test_a_script_follows_its_variables() -> None:
    """The same script starts another program where another name is given."""
    words = (Word("sh"), Word("-c"), Word("exec $SERVER app:app"))
    for name in ("gunicorn", "uvicorn", "gunicorn"):
        launch = trace(words, Shell.DASH, {"SERVER": Known(name, "env SERVER")})
        assert [name, "app:app"] == [word.text for word in launch.words]
