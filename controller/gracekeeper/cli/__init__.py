"""The command line: one module per verb, each imported when it is called, so that a single check starts fast."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Final

import click

from gracekeeper.errors import GracekeeperError, OwnFaultError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

NAME: Final = "gracekeeper"
_VERBS: Final = ("check", "explain", "diff", "rules", "drill", "operator", "export")
_GARBAGE_COLLECTION: Final = (50_000, 20, 20)
_INTERRUPTED: Final = 130  # as a shell reports a program that SIGINT ended
_EPILOG: Final = """\b
Exit status:
  0  nothing at or above --fail-on
  1  findings
  2  something could not be read, or the call was wrong
  3  Gracekeeper itself failed

\b
Shell completion:
  bash  eval "$(_GRACEKEEPER_COMPLETE=bash_source gracekeeper)"
  zsh   eval "$(_GRACEKEEPER_COMPLETE=zsh_source gracekeeper)"
  fish  _GRACEKEEPER_COMPLETE=fish_source gracekeeper | source
"""


class _Verbs(click.Group):
    """Finds a verb in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks so
        """The verbs, the one that is used most first."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click asks so
        """The verb of that name; None where there is none."""
        if cmd_name not in _VERBS:
            return None
        command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(NAME, cls=_Verbs, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=NAME, prog_name=NAME, message="%(prog)s %(version)s")
def program() -> None:
    """Say what Python workloads will do when Kubernetes starts, squeezes and stops them.

    Start with `gracekeeper check` in a folder of manifests.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program with `arguments`, else with those of the process, and exit with its status."""
    # What is worked out for a workload is let go at once; to look for it less often saves a tenth of the time.
    gc.set_threshold(*_GARBAGE_COLLECTION)
    sys.exit(_status(list(sys.argv[1:] if arguments is None else arguments)))


def _status(arguments: list[str]) -> int:
    try:
        return _told(program.main(arguments, prog_name=NAME, standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except GracekeeperError as error:
        return _told_why(error)
    except Exception as error:  # noqa: BLE001 - whatever we did wrong ends in one sentence and status 3
        if "--verbose" in arguments or os.environ.get("GRACEKEEPER_DEBUG"):
            _show_where(error)
        return _told_why(OwnFaultError(error))


def _show_where(error: Exception) -> None:
    # Only places in our code: the exception's own text may quote a manifest, and a secret in it.
    traceback = importlib.import_module("traceback")
    places = "".join(traceback.format_tb(error.__traceback__))
    click.echo(f"Traceback (most recent call last):\n{places}", err=True, nl=False)


def _told(result: object) -> int:
    # Outside of its standalone mode click returns the status that a verb asks for.
    return result if isinstance(result, int) else 0


def _told_why(error: GracekeeperError) -> int:
    click.echo(f"{NAME}: {error}", err=True)
    return error.exit_status
