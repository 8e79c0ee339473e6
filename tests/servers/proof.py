"""A proof: a situation in which a server is stopped, what the product says of it, and what was seen."""

from __future__ import annotations

import enum
import math
import shlex
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from gracekeeper_policies.document import Document
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.stopping import Reaction, told_again
from gracekeeper_policies.timeline import Timeline, timelines_of
from gracekeeper_policies.workload import Workload, read_workload
from tests.servers.contained import APPLICATIONS, PROGRAMS
from tests.servers.traffic import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gracekeeper_policies.process.python_process import PythonProcess

SHORT: Final = 3.0
"""Seconds of a request or task that ends before any limit does."""
LONG: Final = 90.0
"""Seconds of one that outlives every limit that is proved."""
_FOLDER: Final = "/srv"
_REFUSED: Final = "are refused"


class Fate(enum.Enum):
    """What becomes of a request or a task in flight."""

    DONE = "done"
    CUT = "cut"
    RETURNED = "back in the queue"
    NOTHING = "nothing"


class Proof(Struct, frozen=True, kw_only=True):
    """A command line, the signal that PID 1 gets, and how long the request or task in flight takes.

    `{port}` in the line stands for a free port, `{broker}` for the broker's socket,
    `{apps}` and `{bin}` for the folders of the applications and of Python's programs. `code` is the exit code that
    belongs to it, and says nothing where the program never exits. `fate` is what becomes of the work where the
    application's own code decides it. With `alone` nobody else connects meanwhile. `files` lie in the folder that it
    starts in, with the same placeholders. What serves files has a `slow_file` instead of an application; what answers
    over a WebSocket is asked by a `session`, a program of `apps`. With `again` the signal comes a second time, so many
    seconds later.
    """

    line: str
    signal: str = "SIGTERM"
    hold: float = SHORT
    environment: Mapping[str, str] = field(default_factory=dict)
    code: int = 0
    fate: Fate | None = None
    alone: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    slow_file: bool = False
    session: str = ""
    again: float | None = None

    @property
    def id(self) -> str:
        """The situation in words."""
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        texts = [" / ".join(text.split("\n")) for text in self.files.values()]
        signal = self.signal if self.again is None else f"{self.signal} twice in {self.again:g} s"
        return " ".join([*variables, self.line, *texts, "gets", signal, "in", f"{self.hold:g} s"])

    def argv(self, port: int = 8000, broker: str = "/run/redis.sock") -> list[str]:
        """The words of the line."""
        return shlex.split(self.line.format(port=port, broker=broker, apps=APPLICATIONS, bin=PROGRAMS))

    def timeline(self) -> Timeline:
        """What the product makes of a pod with this command line, and an image with this stop signal."""
        files = {f"{_FOLDER}/{name}": text for name, text in self.texts().items()}
        return _timeline(
            self.argv(),
            self.environment,
            ImageConfig("image", working_dir=_FOLDER, stop_signal=self.signal, files=files),
        )

    def lay_out(self, folder: Path, port: int = 8000) -> None:
        """Write the files into the folder that it starts in."""
        for name, text in self.texts(port).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def texts(self, port: int = 8000) -> Mapping[str, str]:
        """The files that lie where it starts, by their names."""
        return {name: text.replace("{port}", str(port)) for name, text in self.files.items()}

    def predicted(self) -> Course:
        """What the product says will happen."""
        return _predicted(self.timeline(), self)

    @property
    def owner(self) -> str:
        """Whose fact it is: `gunicorn 27.0.1`."""
        server = self.timeline().process.server
        return server.label if server else self.timeline().program_name


class Course(Struct, frozen=True):
    """How a stop goes: the work in flight, seconds from the signal to the exit (None: it goes on) and its code.

    `connections` is what new ones meet; None where nobody comes, or the program is gone before.
    """

    fate: Fate
    exits: float | None
    code: int | None
    connections: Answer | None = None

    @property
    def end(self) -> str:
        """When it exits, in words."""
        return "goes on" if self.exits is None else f"exits with {self.code} after {self.exits:.1f} s"

    def __str__(self) -> str:
        connections = f", new connections: {self.connections.value}" if self.connections else ""
        return f"in flight: {self.fate.value}, {self.end}{connections}"


def _timeline(command: list[str], environment: Mapping[str, str], image: ImageConfig) -> Timeline:
    container: dict[str, Any] = {
        "name": "web",
        "image": "shop/web:1.4.2",
        "command": command,
        "env": [{"name": name, "value": value} for name, value in environment.items()],
    }
    spec = {"terminationGracePeriodSeconds": 3600, "containers": [container]}
    workload = read_workload(Document({"apiVersion": "v1", "kind": "Pod", "spec": spec}), Neighbours())
    assert isinstance(workload, Workload), workload
    [timeline] = timelines_of(PodProcesses(workload, lambda _: image))
    return timeline


def _predicted(timeline: Timeline, proof: Proof) -> Course:
    process = timeline.process
    match effect(process):
        case OnTerm.FINISHES:
            return _finishing(timeline, proof)
        case OnTerm.ENDS:
            return Course(Fate.NOTHING, 0.0, proof.code)
        case OnTerm.DROPS:
            refused = Answer.REFUSED if process.shutdown.closes == _REFUSED else None
            return Course(proof.fate or Fate.CUT, 0.0, proof.code, refused)
        case OnTerm.GIVES_BACK:
            return Course(Fate.RETURNED, 0.0, proof.code)
        case OnTerm.RESTARTS:
            return Course(Fate.CUT, None, None, Answer.SERVED)
        case OnTerm.IGNORES:
            return Course(Fate.DONE, None, None, Answer.SERVED if process.serves_requests else None)
    raise AssertionError(f"nothing is stated of {timeline.program_name}")


def _finishing(timeline: Timeline, proof: Proof) -> Course:
    process, second = timeline.process, proof.again
    if second is not None and is_cut_by_second(proof, process):
        return Course(proof.fate or Fate.CUT, second, proof.code)
    limit = math.inf if timeline.stop.drained is None else timeline.stop.drained
    fate = Fate.DONE if proof.hold < limit else proof.fate or Fate.CUT
    exits = max(timeline.turn.seconds, min(proof.hold, limit))
    return Course(fate, exits, proof.code, None if proof.alone else _connections(process))


def is_cut_by_second(proof: Proof, process: PythonProcess) -> bool:
    """Whether the signal comes again when the second one ends what is finished at the first."""
    server = process.server
    return server is not None and told_again(Reaction(OnTerm.FINISHES), server, proof.again).second


def effect(process: PythonProcess) -> OnTerm:
    """What the container does at its stop signal, whoever hears it."""
    match process.delivery.outcome:
        case Outcome.LOST:
            return OnTerm.IGNORES
        case Outcome.CUT:
            return OnTerm.DROPS
    return process.shutdown.on_term


def _connections(process: PythonProcess) -> Answer | None:
    if not process.shutdown.closes:
        return None
    return Answer.REFUSED if process.shutdown.closes == _REFUSED else Answer.HANGS
