"""The comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.reports.markdown import COMMENT, MARK, markdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Report]
    Deployment = Callable[..., str]


def test_report(everything: Report, root: Root, expected: Expected) -> None:
    """Errors, then the rest folded away, then what was left out."""
    expected("markdown/findings.md", markdown(everything, root))


def test_clean(reported: Reported, deployment: Deployment, root: Root, expected: Expected) -> None:
    """Who has nothing to mend reads a sentence."""
    clean = """
        terminationGracePeriodSeconds: 60
        containers:
        - {name: web, image: a, command: [gunicorn, "a:a"], resources: {limits: {memory: 1Gi}}}
    """
    expected("markdown/clean.md", markdown(reported(web=deployment(clean)), root))


def test_a_comment_is_never_too_long(reported: Reported, deployment: Deployment, root: Root) -> None:
    """What has no room is counted, and the comment stays whole."""
    spec = "{{containers: [{{name: web, image: a, command: [gunicorn, --graceful-timeout={}, a]}}]}}"
    many = {f"web-{number}": deployment(spec.format(100 + number), name=f"web-{number}") for number in range(400)}
    text = markdown(reported(**many), root)

    assert len(text) <= COMMENT
    assert text.startswith(f"{MARK}\n")
    assert " more findings, for which there is no room here." in text
    assert text.count("<details>") == text.count("</details>")


def test_no_word_of_a_manifest_is_markup(reported: Reported, deployment: Deployment, root: Root) -> None:
    """It calls nobody, links nothing and closes no table."""
    name = "w`|<b>@all#1*_[x](y)"
    text = markdown(reported(web=deployment(f"{{containers: [{{name: {name!r}, image: a}}]}}")), root)

    assert r"w\`\|&lt;b&gt;&#64;all&#35;1\*\_\[x\](y)" in text
    assert "@all" not in text
    assert "<b>" not in text
