"""Log lines of the operator: one JSON object each, on one way, and never a value out of a manifest."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

HEAD = """
import logging, os, sys
import structlog
from gracekeeper import logs
from gracekeeper.settings import OperatorSettings

def start(**settings):
    logs.configure(OperatorSettings(**settings))
    return structlog.get_logger("gracekeeper.operator")

REFERENCE = {"k8s_ref": {"kind": "GracePolicy", "namespace": None, "name": "default"}}
"""


def written(program: str) -> str:
    """What a program that starts with `HEAD` writes to standard error: logs are configured once per process."""
    ran = subprocess.run(
        [sys.executable, "-c", HEAD + textwrap.dedent(program)], check=True, capture_output=True, text=True, timeout=60
    )
    assert ran.stdout == ""
    return ran.stderr


def lines(program: str) -> list[dict[str, object]]:
    """The lines that a program logs, without their times."""
    read = [json.loads(line) for line in written(program).splitlines()]
    assert all(line.pop("timestamp").endswith("Z") for line in read)
    return read


def test_a_line_is_one_json_object_with_what_is_bound() -> None:
    """A collector of logs finds all lines of a review by its id, whoever wrote them."""
    assert [
        {"event": "reviewed", "allowed": True, "request_id": "u1", "level": "info", "logger": "gracekeeper.operator"},
        {"event": "it took 3 s", "request_id": "u1", "level": "warning", "logger": "kopf.reactor"},
    ] == lines("""
        log = start()
        structlog.contextvars.bind_contextvars(request_id="u1")
        log.info("reviewed", allowed=True)
        logging.getLogger("kopf.reactor").warning("it took %d s", 3)
    """)


def test_an_exception_is_told_without_its_text() -> None:
    """The text may quote a manifest; type and places suffice to find the mistake."""
    (line,) = lines("""
        log = start()
        try:
            try:
                int("hunter2")
            except ValueError as error:
                raise ExceptionGroup("hunter2", [KeyError("hunter2")]) from error
        except Exception:
            log.exception("failed")
    """)

    assert "hunter2" not in json.dumps(line)
    assert str(line["exception"]).splitlines() == [
        "ExceptionGroup",
        "  <string>:18 in <module>",
        "KeyError",
        "ValueError",
        "  <string>:16 in <module>",
    ]


def test_an_exception_of_the_system_keeps_its_text() -> None:
    """Which file or host is missing helps, and no manifest stands in it."""
    (line,) = lines("""
        log = start()
        try:
            open("/nowhere")
        except OSError as error:
            log.warning("unread", exc_info=error)
    """)

    assert str(line["exception"]).startswith("FileNotFoundError: [Errno 2] No such file or directory: '/nowhere'\n")


def test_what_kopf_quotes_of_an_exception_is_left_out() -> None:
    """The text of a handler's exception stands in kopf's own message."""
    (line,) = lines("""
        start()
        logging.getLogger("kopf.objects").error("Handler 'seen' failed with an exception: hunter2", extra=REFERENCE)
    """)

    assert line == {
        "event": "Handler 'seen' failed with an exception",
        "object": "GracePolicy/default",
        "level": "error",
        "logger": "kopf.objects",
    }


def test_a_denial_is_no_error() -> None:
    """For kopf every denial is the failure of a handler; it is an answer."""
    assert (
        written("""
        start()
        logging.getLogger("kopf.objects").error("Handler 'judge' failed permanently: no", extra=REFERENCE)
    """)
        == ""
    )


def test_kopf_never_prints_objects() -> None:
    """At its level debug kopf prints whole bodies, so it has none; its lines per object come at ours."""
    program = """
        start(log_level={!r})
        kopf = logging.getLogger("kopf.objects")
        kopf.debug("Creation is in progress: hunter2", extra=REFERENCE)
        kopf.info("Handler 'seen' succeeded.", extra=REFERENCE)
        logging.getLogger("kopf.reactor").debug("Merge-patching with: hunter2")
    """

    assert ([], ["Handler 'seen' succeeded."]) == tuple(
        [line["event"] for line in lines(program.format(level))] for level in ("info", "debug")
    )


def test_a_level_leaves_out_what_is_below_it() -> None:
    """`warning` is silent about what goes well."""
    assert ["failing open"] == [
        line["event"]
        for line in lines("""
            log = start(log_level="warning")
            log.info("listening")
            logging.getLogger("kopf.reactor").info("initial authentication")
            log.warning("failing open")
        """)
    ]


def test_a_terminal_gets_lines_for_people() -> None:
    """`console` is for eyes, exceptions included."""
    text = written("""
        log = start(log_format="console")
        try:
            {}["hunter2"]
        except KeyError:
            log.exception("failed", reviews=3)
    """)

    assert "failed" in text
    assert "KeyError" in text
    assert "hunter2" not in text


def test_a_line_that_cannot_be_made_is_not_printed_in_pieces() -> None:
    """The standard library prints the arguments of a line that fails; they may be a manifest."""
    assert "hunter2" not in written("""
        start()
        logging.getLogger("kopf.reactor").warning("%d seconds", "hunter2")
    """)


def test_who_reads_logs_too_slowly_delays_nobody() -> None:
    """A full pipe holds the writer's thread alone; what does not fit is counted, and said as soon as it can be."""
    program = """
        import threading, time
        reading, writing = os.pipe()
        lines = 30_000
        logs.configure(OperatorSettings(), os.fdopen(writing, "w"))
        log = structlog.get_logger("gracekeeper.operator")
        for _ in range(lines):
            log.warning("x" * 100)

        def drain():
            with os.fdopen(reading) as stream:
                for line in stream:
                    if "lines_lost" in line:
                        sys.stderr.write(line)
                        sys.stderr.flush()
                        os._exit(0)

        threading.Thread(target=drain).start()
        while True:
            time.sleep(0.05)
            log.warning("again")
    """
    (line,) = lines(program)

    assert line["event"] == "lines_lost"
    assert 15_000 < int(str(line["lines"])) <= 20_000
