"""Secrets are left out of what is printed: whole, in lines, and cut where a sentence ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.provenance import spoken
from gracekeeper_policies.secrecy import NOTHING, Elision, elision_of


def test_a_secret_becomes_an_ellipsis() -> None:
    """Wherever it stands in the text."""
    assert Elision(["hunter2"])("a=hunter2, b=xhunter2x") == "a=…, b=x…x"


def test_a_word_is_left_out_where_it_stands_alone() -> None:
    """A password such as `admin` does not take syllables out of sentences."""
    assert Elision(["admin"])("admin runs django-admin as administrator") == "… runs django-admin as administrator"


def test_lines_of_a_secret_are_left_out_too() -> None:
    """A private key is quoted on one line, or one of its lines alone."""
    elision = Elision(["-----BEGIN-----\n  MIIEvQIBADAN\n"])
    assert [elision("-----BEGIN----- MIIEvQIBADAN"), elision("MIIEvQIBADAN")] == ["…", "…"]


def test_the_start_of_a_secret_is_left_out_where_the_text_is_cut() -> None:
    """Long words are quoted in part."""
    assert Elision(["hunter2hunter2"])("--password=hunter2hu…") == "--password=…"


def test_nothing_is_left_out_of_an_object_without_secrets() -> None:
    """And asking costs nothing."""
    assert elision_of({"image": "web", "args": ["serve"]}) is NOTHING


def test_an_object_is_searched_everywhere() -> None:
    """Names with values, keys with values, words behind flags, and texts, at any depth."""
    values = {
        "a": [{"name": "DB_PASSWORD", "value": "hunter1"}, {"dbPassword": "hunter2"}],
        "b": {"args": ["serve", "--token", "hunter3"], "c": "redis://:hunter4@redis"},
        "d": {"password": 9021071},
    }
    assert elision_of(values)("hunter1 hunter2 hunter3 hunter4 9021071") == "… … … … …"


SECRETS = st.text(st.characters(exclude_characters="…"), min_size=8, max_size=120).filter(
    lambda text: len(set(text)) > 5
)


@given(st.text(max_size=100), SECRETS, st.text(max_size=100))
def test_no_secret_is_left_in_a_sentence(before: str, secret: str, after: str) -> None:
    """Whatever it is and whatever stands around it, also when the sentence quotes it in part."""
    elision = Elision([secret])
    assert secret not in elision(f"{before} {secret} {after}")
    assert (
        " ".join(secret.split())[:20] not in elision(spoken(f"x {secret} {after}")) or len(" ".join(secret.split())) < 8
    )
