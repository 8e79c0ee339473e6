"""An object in few bytes is the same object."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gracekeeper.sources.packed import Packed, packed
from gracekeeper_policies.document import Document

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["apiVersion", "kind", "metadata", "spec", "data"]), values))
def test_a_packed_object_is_the_object(written: dict[str, object]) -> None:
    """Whatever it holds, and in its order."""
    document = packed(Document(written, "pod.yaml", 2, ("items", 1)))

    assert [*written.items()] == [*document.values.items()]
    assert len(written) == len(document.values)
    assert "nothing" not in document.values
    assert ("pod.yaml", 2, ("items", 1)) == (document.origin, document.index, document.base)


def test_two_packed_objects_are_kept_apart() -> None:
    """However they are asked in turn."""
    first, second, third = (Packed({"kind": "Pod", "spec": {"number": number}}) for number in range(3))

    assert [0, 1, 2, 0, 1, 2] == [each["spec"]["number"] for each in (first, second, third) * 2]  # type: ignore[index]


def test_what_nests_too_deep_to_be_packed_stays_as_it_is() -> None:
    """It is rare, and must be judged like all the rest."""
    deep: object = "bottom"
    for _ in range(3000):
        deep = [deep]
    document = Document({"kind": "Pod", "spec": deep})

    assert document is packed(document)
