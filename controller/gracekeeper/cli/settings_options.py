"""The operator's settings as options of its command: each field is one, so that none is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args, get_origin

import click

from gracekeeper.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXTRA: Final = "`pip install 'gracekeeper[operator]'` brings them."


class SettingsCommand(click.Command):
    """A command whose options are the operator's settings; they are read only when it is called or explained."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, then the settings.

        Raises:
            ConfigurationError: the operator's libraries are not installed.
        """
        own = super().get_params(ctx)
        try:
            return [*own[:-1], *_options(), *own[-1:]]
        except ModuleNotFoundError as error:
            raise ConfigurationError(f"The operator's libraries are missing ({error.name}).", _EXTRA) from None


def given(parameters: Mapping[str, object]) -> dict[str, object]:
    """What was given as flags, by the names of the fields."""
    return {name: value for name, value in parameters.items() if value is not None}


def _options() -> Iterator[click.Option]:
    from gracekeeper.settings import OperatorSettings, flag  # noqa: PLC0415 - an extra, which `check` starts without
    from gracekeeper.settings_table import written  # noqa: PLC0415 - the same

    for name, field in OperatorSettings.model_fields.items():
        default = f" [default: {written(name)}]" if written(name) else ""
        yield click.Option(
            [flag(name)],
            type=_choice(field.annotation),
            metavar=None if _choice(field.annotation) else name.rpartition("_")[2].upper(),
            help=f"{(field.description or '').replace('`', '')}{default}",
        )


def _choice(annotation: object) -> click.Choice[str] | None:
    return click.Choice(get_args(annotation)) if get_origin(annotation) is Literal else None
