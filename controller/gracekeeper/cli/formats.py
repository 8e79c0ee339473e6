"""The forms of a report, each loaded where it is asked for: checking one file takes hardly longer than its imports."""

# ruff: noqa: PLC0415 - that is what this module is for

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from gracekeeper.cli.terminal import STANDARD_OUTPUT, style_of
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.cli.check import Call
    from gracekeeper.reports.report import Report


def _text(report: Report, call: Call, path: str) -> str:
    from gracekeeper.reports.text import text

    to_terminal = path == STANDARD_OUTPUT
    return text(report, style_of(sys.stdout, no_color=call.no_color) if to_terminal else Style(), verbose=call.verbose)


def _json(report: Report, _call: Call, _path: str) -> str:
    from gracekeeper.reports.json import json_text

    return json_text(report)


def _sarif(report: Report, call: Call, _path: str) -> str:
    from importlib.metadata import version

    from gracekeeper.reports.sarif import sarif

    return sarif(report, call.pipeline.root, version("gracekeeper"))


def _junit(report: Report, call: Call, _path: str) -> str:
    from gracekeeper.reports.junit import junit

    return junit(report, call.pipeline.root, call.fails)


def _github(report: Report, call: Call, _path: str) -> str:
    from gracekeeper.reports.github import github
    from gracekeeper.reports.markdown import SUMMARY, markdown

    if call.pipeline.step_summary:
        call.pipeline.summarize(markdown(report, call.pipeline.root, SUMMARY))
    return github(report, call.pipeline.root)


def _gitlab(report: Report, call: Call, _path: str) -> str:
    from gracekeeper.reports.gitlab import gitlab

    return gitlab(report, call.pipeline.root)


def _rdjson(report: Report, call: Call, _path: str) -> str:
    from gracekeeper.reports.rdjson import rdjson

    return rdjson(report, call.pipeline.root)


def _markdown(report: Report, call: Call, _path: str) -> str:
    from gracekeeper.reports.markdown import markdown

    return markdown(report, call.pipeline.root)


def _html(report: Report, call: Call, _path: str) -> str:
    from gracekeeper.reports.html.page import html

    return html(report, call.pipeline.root)


FORMATS: Final[dict[str, Callable[[Report, Call, str], str]]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "gitlab": _gitlab,
    "rdjson": _rdjson,
    "markdown": _markdown,
    "html": _html,
}
"""How each is made for a call; the last argument is where it goes."""
