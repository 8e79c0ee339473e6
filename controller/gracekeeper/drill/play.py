"""Plays a drill: start, ready, requests in flight, pre-stop hook, stop signal, grace period, SIGKILL."""

from __future__ import annotations

import http.client
import signal
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.drill.address import expect_free
from gracekeeper.drill.contained import Contained
from gracekeeper.drill.namespace import namespace
from gracekeeper.drill.observed import Observed
from gracekeeper.drill.probing import Command, Get
from gracekeeper.drill.traffic import Clients, Latecomers
from gracekeeper.errors import StartError
from gracekeeper_policies.timeline import LEAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.drill.plan import Plan

    Tell = Callable[[str], None]

_OFTEN: Final = 0.1
_CALM: Final = 0.5
_NEXT_TO_NOTHING: Final = 0.02
_LONGEST_UNREST: Final = 20.0
_GONE: Final = 10.0
_REQUESTS_END: Final = 2.0


class _Hooked(Struct, frozen=True):
    seconds: float | None = None
    trouble: str = ""


def play(plan: Plan, tell: Tell) -> Observed:
    """Play it; `tell` hears what happens while it happens.

    Raises:
        SurroundingsError: this machine cannot play it, or the program does not come so far as to be stopped.
    """
    made = namespace()
    for address in plan.addresses:
        expect_free(address)
    found = plan.surroundings
    as_pid_1 = plan.timeline.container.workload.runs_as_pid_1
    with Contained(made, found.words, found.environment, found.folder, as_pid_1=as_pid_1) as contained:
        return _Drill(plan, contained, tell).play()


class _Drill:
    """One drill, once the program is started."""

    def __init__(self, plan: Plan, contained: Contained, tell: Tell) -> None:
        self._plan, self._contained, self._tell = plan, contained, tell

    def play(self) -> Observed:
        """From the start to the end."""
        self._tell(f"started; waiting until it is ready, up to {self._plan.patience:g} s")
        self._await_ready()
        ready = time.monotonic() - self._contained.started_at if self._plan.readiness else None
        self._settle()
        clients = self._ask()
        return self._stop(ready, clients)

    def _await_ready(self) -> None:
        plan, trouble = self._plan, ""
        deadline = self._contained.started_at + plan.patience
        while plan.readiness is not None:
            self._expect_running("before it was ready")
            trouble = plan.readiness.trouble(self._contained)
            if not trouble:
                return
            if time.monotonic() > deadline:
                why = f"{plan.readiness.ask}: {trouble}"
                raise self._failure(f"is not ready after {plan.patience:g} s{plan.limit} ({why})")
            time.sleep(_OFTEN)

    def _settle(self) -> None:
        # A worker that still starts would lose the signal.
        deadline, before = time.monotonic() + _LONGEST_UNREST, -1.0
        while self._contained.cpu_seconds() > before + _NEXT_TO_NOTHING and time.monotonic() < deadline:
            before = self._contained.cpu_seconds()
            self._contained.wait(_CALM)
        self._expect_running("before it was told to stop")

    def _ask(self) -> Clients | None:
        """Let requests begin so that they have run for `hold` seconds when the stop signal comes, if that is known.

        Where the hook sends it before the kubelet does, that is when.
        """
        plan, hooked = self._plan, min(self._plan.timeline.pre_stop.seconds, self._plan.stop.grace)
        earlier = plan.timeline.process.shutdown.signalled_before or 0.0
        known = 0.0 if plan.timeline.pre_stop.unknown else max(hooked - earlier, 0.0)
        if plan.requests is None:
            return None
        self._tell(f"ready; {plan.concurrency} × {plan.requests}")
        clients = Clients(plan.requests, plan.concurrency, max(known - plan.hold, 0))
        self._contained.wait(max(plan.hold - known, 0))
        self._expect_answers(clients)
        return clients

    def _expect_answers(self, clients: Clients) -> None:
        self._expect_running("before it was told to stop")
        if clients.trouble:
            raise self._failure(f"is ready, but {self._plan.requests} {clients.trouble}")

    def _stop(self, ready: float | None, clients: Clients | None) -> Observed:
        plan, contained, began = self._plan, self._contained, time.monotonic()
        hooked = self._hook()
        if clients is not None and isinstance(plan.hook, float):
            self._expect_answers(clients)  # a pause breaks none of them
        spent = min(time.monotonic() - began, plan.stop.grace)
        if clients is not None:
            clients.hold()
        signalled = time.monotonic() - began if contained.running else None
        contained.signal(plan.signal)
        self._tell(f"{signal.Signals(plan.signal).name if plan.signal in set(signal.Signals) else plan.signal} is sent")
        with Latecomers(plan.latecomers) if plan.latecomers else nullcontext() as latecomers:
            killed = self._await_end(began, spent + max(LEAST, plan.stop.grace - int(spent)))
        ended, in_flight = contained.ended_at, clients.outcome(began, _REQUESTS_END) if clients else None
        # Between the end of its work and its own, a server may do otherwise.
        busy = ended if in_flight is None or in_flight.over is None else min(began + in_flight.over, ended)
        return Observed(
            ready=ready,
            hook=hooked.seconds,
            trouble=hooked.trouble,
            signalled=signalled,
            killed=killed,
            ended=ended - began,
            code=contained.code,
            in_flight=in_flight,
            connections=latecomers.met(busy) if latecomers else (),
        )

    def _await_end(self, began: float, limit: float) -> float | None:
        if self._contained.wait(began + limit - time.monotonic()):
            return None
        self._tell("SIGKILL is sent")
        killed = time.monotonic() - began
        self._contained.signal(signal.SIGKILL)
        self._contained.wait(_GONE)
        return killed

    def _hook(self) -> _Hooked:
        if self._plan.hook is None:
            return _Hooked()
        began = time.monotonic()
        try:
            trouble = self._run_hook(self._plan.hook, float(self._plan.stop.grace))
        except TimeoutError:
            trouble = ""  # it was ended when the grace period was over: how long it took says so
        except (OSError, http.client.HTTPException):
            trouble = "it got no answer"
        return _Hooked(time.monotonic() - began, trouble)

    def _run_hook(self, hook: Get | Command | float, grace: float) -> str:
        match hook:
            case Command() as command:
                self._tell("pre-stop: a command")
                return command.run(self._contained, grace)
            case Get() as get:
                self._tell(f"pre-stop: {get}")
                return get.complaint(grace)
            case seconds:
                self._tell(f"pre-stop: {seconds:g} s")
                self._contained.wait(min(seconds, grace))
                return ""

    def _expect_running(self, when: str) -> None:
        if not self._contained.running:
            raise self._failure(f"ended with {self._contained.code} {when}")

    def _failure(self, what: str) -> StartError:
        plan, elision = self._plan, self._plan.timeline.container.workload.elision
        missing = plan.surroundings.missing_paths
        are = "is" if len(missing) == 1 else "are"
        names = f"Its command names {', '.join(missing)}, which {are} not on this machine." if missing else ""
        said = f"{plan.timeline.program_name} {what}."
        return StartError(
            elision(said), names, tuple(_printable(elision(line)) for line in self._contained.last_output())
        )


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)
