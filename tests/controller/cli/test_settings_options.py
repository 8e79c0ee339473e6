"""The operator's settings as options: every field is one, and only what was given counts."""

from __future__ import annotations

import sys

import click
import pytest
from click.testing import CliRunner

from gracekeeper.cli.settings_options import SettingsCommand, given
from gracekeeper.errors import ConfigurationError
from gracekeeper.settings import OperatorSettings, flag


@click.command("operator", cls=SettingsCommand)
def command(**flags: object) -> None:
    """Run nothing."""
    click.echo(repr(given(flags)))


def test_every_setting_is_an_option_with_its_reason() -> None:
    """`--help` tells all there is to set, and `--help` itself comes last."""
    parameters = command.get_params(click.Context(command))

    assert [*map(flag, OperatorSettings.model_fields), "--help"] == [each.opts[0] for each in parameters]


def test_only_what_is_typed_is_given() -> None:
    """A default of an option would hide the environment."""
    ran = CliRunner().invoke(command, ["--webhook-port", "9443", "--log-level", "debug"])

    assert ran.output == "{'webhook_port': '9443', 'log_level': 'debug'}\n"


def test_help_tells_choices_and_defaults() -> None:
    """Nobody has to look the documentation up for the words that an option takes."""
    text = CliRunner().invoke(command, ["--help"], terminal_width=200).output

    assert "--on-internal-error [allow|deny]" in text
    assert "prefers that nothing passes unjudged. [default: allow]" in " ".join(text.split())


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install has the verb, but none of its libraries."""
    monkeypatch.delitem(sys.modules, "gracekeeper.settings")
    monkeypatch.setitem(sys.modules, "pydantic_settings", None)

    with pytest.raises(ConfigurationError, match=r"libraries are missing .* `pip install 'gracekeeper\[operator\]'`"):
        command.get_params(click.Context(command))
