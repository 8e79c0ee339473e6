"""Prints the options of one server, as its own parser knows them: flags, variables, setting and default, as JSON.

A default is left out where the parser does not tell it.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import click

    Found = Iterator[dict[str, Any]]


def found(
    flags: list[str], environment: list[str] | None = None, setting: str = "", **default: object
) -> dict[str, Any]:
    """One option."""
    return {"flags": flags, "environment": environment or [], "setting": setting, **default}


def clicks(command: click.Command, prefix: str = "") -> Found:
    """The options of a command that click reads; with a prefix each has a variable."""
    for parameter in command.params:
        named = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or ())
        prefixed = [f"{prefix}_{parameter.name}".upper()] if prefix else []
        default = None if str(parameter.default) == "Sentinel.UNSET" else parameter.default
        yield found([*parameter.opts, *parameter.secondary_opts], named + prefixed, default=default)


def argparses(parser: argparse.ArgumentParser) -> Found:
    """The options that argparse reads; a switch that turns something off is not on by default."""
    for action in parser._actions:
        off = isinstance(action, argparse._StoreFalseAction)
        yield found(list(action.option_strings), default=not action.default if off else action.default)


def gunicorn() -> Found:
    """By its settings, each of which stands in its configuration file under its name."""
    from gunicorn.config import make_settings

    with mock.patch.dict(os.environ, {}):
        for name, setting in make_settings().items():
            yield found(list(setting.cli or ()), _concurrency(name), name, default=setting.get())


def _concurrency(name: str) -> list[str]:
    # Its default is read from the variable when the module is.
    text = "import gunicorn.config as c; print(c.Config().workers)"
    environment = os.environ | {"WEB_CONCURRENCY": "7"}
    asked = [sys.executable, "-c", text]
    heeds = name == "workers" and subprocess.check_output(asked, env=environment, text=True).strip() == "7"
    return ["WEB_CONCURRENCY"] if heeds else []


def uvicorn() -> Found:
    """By click; the number of workers has a variable more, which its configuration reads."""
    main = importlib.import_module("uvicorn.main").__dict__["main"]
    for option in clicks(main, main.context_settings["auto_envvar_prefix"]):
        counts = "--workers" in option["flags"]
        yield {**option, **(_uvicorns_workers(option["environment"]) if counts else {})}


def _uvicorns_workers(environment: list[str]) -> dict[str, Any]:
    from uvicorn import Config

    with mock.patch.dict(os.environ, {"WEB_CONCURRENCY": "7"}):
        heeds = Config("web:asgi").workers == int(os.environ["WEB_CONCURRENCY"])
    found = {"environment": environment + ["WEB_CONCURRENCY"] * heeds, "default": Config("web:asgi").workers}
    return {**found, "setting": "WEB_CONCURRENCY" * heeds}


def fastapi(subcommand: str) -> Callable[[], Found]:
    """By click, below typer; workers are uvicorn's."""

    def _fastapi() -> Found:
        import typer
        from fastapi_cli.cli import app

        for option in clicks(typer.main.get_command(app).commands[subcommand]):
            counts = "--workers" in option["flags"]
            yield {**option, **(_uvicorns_workers([]) if counts else {})}

    return _fastapi


def hypercorn() -> Found:
    """By argparse, with the defaults of its configuration; a setting is the name of an attribute."""
    from hypercorn import __main__ as program
    from hypercorn.config import Config

    config = Config()
    for action in _parser_of(program.main)._actions:
        names = {
            "access_log": "accesslog",
            "binds": "bind",
            "insecure_binds": "insecure_bind",
            "reload": "use_reloader",
        }
        name = names.get(action.dest, action.dest)
        default = {"default": getattr(config, name)} if hasattr(config, name) else {}
        yield found(list(action.option_strings), setting=name, **default)


def _parser_of(main: Callable[[list[str]], object]) -> argparse.ArgumentParser:
    class FoundError(Exception):
        pass

    parsers: list[argparse.ArgumentParser] = []

    def parse_args(self: argparse.ArgumentParser, *_: object) -> None:
        parsers.append(self)
        raise FoundError

    with mock.patch.object(argparse.ArgumentParser, "parse_args", parse_args):
        try:
            main([])
        except FoundError:
            return parsers[0]
    raise AssertionError


def granian() -> Found:
    """By click."""
    from granian.cli import cli

    return clicks(cli, "GRANIAN")


def daphne() -> Found:
    """By argparse; an address that is not given is a constant's."""
    from daphne import cli

    interface = cli.CommandLineInterface()
    constants = {"-b": cli.DEFAULT_HOST, "-p": cli.DEFAULT_PORT}
    for option in argparses(interface.parser):
        default = next((constants[flag] for flag in option["flags"] if flag in constants), option["default"])
        yield {**option, "default": default}


def waitress() -> Found:
    """By its adjustments, of which each is a flag."""
    from waitress.adjustments import Adjustments

    for name, _ in Adjustments._params:
        known = {"default": getattr(Adjustments, name)} if name in {"host", "port", "threads", "unix_socket"} else {}
        yield found([f"--{name.replace('_', '-')}"], **known)


def flask() -> Found:
    """By click; a variable of a subcommand has both names before its own."""
    from flask.cli import cli, run_command

    yield from clicks(cli, "FLASK")
    for option in clicks(run_command, "FLASK_RUN"):
        # A switch that turns something on or off is two for the table.
        on = [flag for flag in option["flags"] if not flag.startswith("--no-")]
        off = [flag for flag in option["flags"] if flag.startswith("--no-")]
        yield {**option, "flags": on}
        yield from ([found(off, default=None)] if off else ())


def django() -> Found:
    """By argparse, and an address without a flag."""
    from django.core.management.commands.runserver import Command

    yield from argparses(Command().create_parser("manage.py", "runserver"))
    yield found([], default=f"{Command.default_addr}:{Command.default_port}")


def celery(subcommand: str) -> Callable[[], Found]:
    """By click, with the prefix that its main function gives, and by the defaults of its settings."""

    def _celery() -> Found:
        from celery.app.defaults import DEFAULTS
        from celery.bin.celery import celery as command
        from celery.loaders.base import BaseLoader

        for option in clicks(command.commands[subcommand], f"CELERY_{subcommand.upper()}"):
            names = [
                f"{prefix}_{flag[2:].replace('-', '_')}" for flag in option["flags"] for prefix in ("worker", "task")
            ]
            yield {**option, "setting": next((name for name in names if name in DEFAULTS), "")}
        yield found([], setting="task_acks_late", default=DEFAULTS["task_acks_late"] or None)
        module = inspect.signature(BaseLoader.read_configuration).parameters["env"].default
        yield from ({**each, "environment": [module]} for each in clicks(command) if "--config" in each["flags"])

    return _celery


def dramatiq() -> Found:
    """By argparse."""
    from dramatiq.cli import make_argument_parser

    return argparses(make_argument_parser())


def rq(subcommand: str) -> Callable[[], Found]:
    """By click, and the limit of a job by its queue."""

    def _rq() -> Found:
        from rq import Queue
        from rq.cli import main

        yield from clicks(main.commands[subcommand])
        yield found([], default=Queue.DEFAULT_TIMEOUT)

    return _rq


def huey() -> Found:
    """By the tables that its parsers are made of, with the defaults of its configuration."""
    from huey.consumer_options import ConsumerConfig, OptionParserHandler

    handler, defaults = OptionParserHandler(), ConsumerConfig().values
    for group in (handler.get_logging_options(), handler.get_worker_options(), handler.get_scheduler_options()):
        for short, full, options in group:
            name, off = options["dest"], options.get("action") == "store_false"
            known = {"default": not defaults[name] if off else defaults[name]} if name in defaults else {}
            yield found([short, full], **known)


def uwsgi() -> Found:
    """By its help; it tells no defaults, and every option has a variable."""
    for line in subprocess.check_output(["uwsgi", "--help"], text=True).splitlines():
        if flags := [word for word in line.strip().split(" ")[0].split("|") if word.startswith("-")]:
            names = [flag[2:] for flag in flags if flag.startswith("--")]
            yield found(flags, [f"UWSGI_{name.upper().replace('-', '_')}" for name in names], names[0] if names else "")


def aiohttp_web() -> Found:
    """By argparse; where it listens and how long it waits are arguments that its code gives."""
    from aiohttp import web

    with mock.patch.object(web, "ArgumentParser", _Kept), mock.patch.object(web, "run_app") as run:
        try:
            web.main(["aio:made"])
        except SystemExit:
            for option in argparses(_Kept.last):
                hosts = "--hostname" in option["flags"]
                yield {**option, **({"default": run.call_args.kwargs["host"]} if hosts else {})}
    timeout = inspect.signature(web.run_app).parameters["shutdown_timeout"].default
    yield found([], default=2 * timeout)  # waited for twice, as a proof shows


class _Kept(argparse.ArgumentParser):
    """The parser that was asked last."""

    last: argparse.ArgumentParser

    def parse_known_args(self, *words: object) -> Any:  # noqa: ANN401 - as argparse declares it
        _Kept.last = self
        return super().parse_known_args(*words)  # type: ignore[call-overload]


def taskiq() -> Found:
    """By argparse, in the middle of a function that parses at once."""
    from taskiq.cli.worker import args

    with mock.patch.object(args, "ArgumentParser", _Kept):
        args.WorkerArgs.from_cli(["a:b"])
    return argparses(_Kept.last)


def locust() -> Found:
    """By ConfigArgParse; no address means all of them, and a setting is a flag without its dashes."""
    from locust.argument_parser import get_parser

    for action in get_parser(default_config_files=[])._actions:
        default = action.type(action.default) if action.type and isinstance(action.default, str) else action.default
        everywhere = (action.dest, default) == ("web_host", "")
        names = [flag[2:] for flag in action.option_strings if flag.startswith("--")]
        variables = [action.env_var] if action.env_var else []
        known = {"default": "0.0.0.0" if everywhere else default}
        yield found(list(action.option_strings), variables, names[0] if names else "", **known)


def http_server() -> Found:
    """By argparse, where the module is run; no address means all of them."""
    for option in argparses(_parser_of(lambda _: runpy.run_module("http.server", run_name="__main__"))):
        everywhere = "--bind" in option["flags"] and option["default"] is None
        yield {**option, **({"default": "0.0.0.0"} if everywhere else {})}


def flower() -> Found:
    """By tornado; no address means all of them."""
    from flower.command import ENV_VAR_PREFIX
    from flower.options import options

    for option in options._options.values():
        name = option.name.replace("-", "_")
        default = "0.0.0.0" if (name, option.default) == ("address", "") else option.default
        flags = [f"--{options._normalize_name(name)}", f"--{name}"]
        yield found(flags, [f"{ENV_VAR_PREFIX}{name}".upper()], name, default=default)


def streamlit() -> Found:
    """By click, whose options are those of its configuration; where it listens by default is told by its server."""
    from streamlit import config
    from streamlit.web import cli
    from streamlit.web.server.starlette.starlette_server_config import DEFAULT_SERVER_ADDRESS

    told = {"server.address": DEFAULT_SERVER_ADDRESS}
    for option in cli.main_run.params:
        name = option.opts[0].removeprefix("--")
        known = {"default": told.get(name, config.get_option(name))} if name in config._config_options_template else {}
        variables = [option.envvar] if isinstance(option.envvar, str) else []
        yield found(list(option.opts), variables, name, **known)


def kopf() -> Found:
    """By click, which gives every option a variable; how long it lets handlers run is a setting of its code."""
    from kopf import OperatorSettings
    from kopf.cli import main

    for option in main.commands["run"].params:
        told = option.envvar or f"KOPF_RUN_{option.name}".upper()
        yield found(list(option.opts), [told])
    yield found([], default=OperatorSettings().queueing.exit_timeout)


READERS: dict[str, Callable[[], Found]] = {
    "gunicorn": gunicorn,
    "uvicorn": uvicorn,
    "fastapi run": fastapi("run"),
    "fastapi dev": fastapi("dev"),
    "hypercorn": hypercorn,
    "uwsgi": uwsgi,
    "granian": granian,
    "daphne": daphne,
    "waitress": waitress,
    "flask run": flask,
    "runserver": django,
    "http.server": http_server,
    "locust": locust,
    "streamlit": streamlit,
    "kopf run": kopf,
    "celery worker": celery("worker"),
    "celery beat": celery("beat"),
    "celery flower": flower,
    "dramatiq": dramatiq,
    "rq worker": rq("worker"),
    "rq worker-pool": rq("worker-pool"),
    "huey": huey,
    "aiohttp.web": aiohttp_web,
    "taskiq worker": taskiq,
}

if __name__ == "__main__":
    print(json.dumps(list(READERS[sys.argv[1]]()), default=str))
