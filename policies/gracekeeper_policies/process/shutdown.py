"""How the process of a container stops: which signal reaches it, what it does then, and how long that may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.hook import signals_and_waits
from gracekeeper_policies.process.seconds import declared_seconds, seconds_of
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.stopping import (
    SIGNALS,
    TERM,
    Reaction,
    closes,
    missed_while,
    reaction,
    threads_outlive,
    told_again,
)
from gracekeeper_policies.provenance import Default, Known, Sourced, Unknown, joined

if TYPE_CHECKING:
    from gracekeeper_policies.process.python_process import PythonProcess

_STOP_SIGNAL_GATE: Final = "ContainerStopSignals"


class Shutdown(Struct, frozen=True, eq=False, dict=True):
    """The shutdown of one process; each fact is worked out when it is first asked for."""

    process: PythonProcess

    @once
    def on_term(self) -> OnTerm:
        """What the program does with the stop signal when it reaches it."""
        return self.at_signal(self.arriving_signal or self.stop_signal).does

    @property
    def stop_signal(self) -> str:
        """The signal the runtime sends: the image's own, where it was read."""
        image = self.process.image
        signal = TERM if isinstance(image, Unknown) else image.signal
        return TERM if isinstance(signal, Unknown) else signal

    @once
    def arriving_signal(self) -> str:
        """The signal that reaches it when it is told to stop; empty where none is known to."""
        delivery = self.process.delivery
        heard = delivery.signal or self.stop_signal
        return {Outcome.HEARD: heard, Outcome.INTERRUPTED: "SIGINT"}.get(delivery.outcome, "")

    def at_signal(self, signal: str) -> Reaction:
        """What the program does with a signal that reaches it."""
        settings = self.process.settings
        if settings is None:
            return Reaction(OnTerm.UNKNOWN)
        told = reaction(settings, signal, in_group=self.process.delivery.group is not None)
        return told_again(told, settings.server, self.signalled_before) if signal == TERM else told

    @once
    def signalled_before(self) -> float | None:
        """Seconds between a SIGTERM that the pre-stop hook sends and the kubelet's; None where the hook sends none."""
        hook = self.process.container.spec.lifecycle.pre_stop
        if hook is None or hook.exec is None:
            return None
        signal, waits = signals_and_waits(hook.exec.command, self.process.name) or ("", 0.0)
        return waits if signal == TERM else None

    @property
    def drops_in_group(self) -> bool:
        """Whether it drops what it has where the processes that it starts get SIGTERM as well, as behind dumb-init."""
        settings = self.process.settings
        return settings is not None and reaction(settings, TERM, in_group=True).in_group

    @property
    def graceful_signal(self) -> str:
        """The signal at which it finishes what it has, if it alone gets it; empty where there is none."""
        settings = self.process.settings
        finishing = (each for each in SIGNALS if settings and reaction(settings, each).does is OnTerm.FINISHES)
        return next(finishing, "")

    @property
    def signal_doubt(self) -> str:
        """Why another program may get the signal, or none; empty where that is certain."""
        return joined(self.process.doubt, self.process.delivery.doubt)

    @once
    def doubt(self) -> str:
        """Why it may stop otherwise; empty where that is certain."""
        image, asked = self.process.image, self.process.container.spec.lifecycle.stop_signal
        other = f"lifecycle.stopSignal asks for {asked}, which counts where the gate {_STOP_SIGNAL_GATE} is on"
        return joined(
            self.signal_doubt,
            "" if self.stop_signal == TERM or isinstance(image, Unknown) else image.doubt,
            self.at_signal(self.arriving_signal or self.stop_signal).doubt,
            other if asked and asked != self.stop_signal else "",
        )

    @property
    def ends_serving(self) -> bool:
        """Whether a stop signal that reaches it ends its answers to new connections."""
        if self.on_term is OnTerm.IGNORES:
            return not self.process.delivery.as_pid_1
        return self.on_term in (OnTerm.FINISHES, OnTerm.DROPS)

    @property
    def closes(self) -> str:
        """What becomes of connections that arrive while it drains: `are refused`; empty where there are none."""
        return closes(self.process.settings) if self.process.settings and self.process.serves_requests else ""

    @property
    def missed_while(self) -> str:
        """The moment at which its stop signal goes unnoticed now and then; empty where it never does."""
        settings = self.process.settings
        if settings is None or not self.arriving_signal or self.on_term is not OnTerm.FINISHES:
            return ""
        return missed_while(settings)

    @property
    def is_declared(self) -> bool:
        """Whether an annotation declares how long it takes."""
        return self._declared is not None

    @once
    def _declared(self) -> Known[float] | None:
        return declared_seconds(self.process.container, "shutdown-seconds")

    @once
    def drain(self) -> Sourced[float | None]:
        """Seconds it may take from the signal to its end; None inside means that nothing bounds it.

        What the annotation `shutdown-seconds` declares replaces what is computed.
        """
        process, server = self.process, self.process.server
        if self._declared is not None:
            return self._declared
        if server is None or self.on_term is not OnTerm.FINISHES:
            return Unknown(process.unknown or f"how {process.name} stops is decided by its own code")
        if server.drain:
            return seconds_of(process.setting(server.drain))
        limit = process.task_limit
        return limit.seconds if limit and not limit.is_soft else Default(None, server.label)

    @property
    def threads_outlive(self) -> bool:
        """Whether its drain has a limit, past which work that runs in a thread keeps it alive."""
        settings, drain = self.process.settings, self.drain
        if settings is None or self.is_declared or isinstance(drain, Unknown):
            return False
        return drain.value is not None and threads_outlive(settings, as_pid_1=self.process.delivery.as_pid_1)
