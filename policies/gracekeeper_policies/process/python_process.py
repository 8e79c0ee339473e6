"""What runs in one container: program, settings, addresses, drain, and who hears the signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.beside import may_listen
from gracekeeper_policies.process.binding import Bind, binds_of
from gracekeeper_policies.process.command import ARGUMENTS_ALONE, CommandLine, command_line
from gracekeeper_policies.process.configuration import configuration_of
from gracekeeper_policies.process.delivery import Delivery, Outcome, combine, deliver
from gracekeeper_policies.process.environment import Environment, environment_of
from gracekeeper_policies.process.files import files_of, sources_of
from gracekeeper_policies.process.folders import Lack, lack_of
from gracekeeper_policies.process.image import OF_IMAGE, ImageConfig, ImageReference, UnreadImage
from gracekeeper_policies.process.launch import Launch, trace
from gracekeeper_policies.process.memory import MemoryFloorOfWorkers
from gracekeeper_policies.process.preparation import installs, migrates
from gracekeeper_policies.process.recognition import OTHER_IMAGES, Program, Runtime, recognise
from gracekeeper_policies.process.requests import Requests
from gracekeeper_policies.process.scheduling import Scheduler, scheduler_of
from gracekeeper_policies.process.seconds import declared_seconds, seconds_of
from gracekeeper_policies.process.server import OnTerm, Purpose, Server
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.stopping import SIGNALS, TERM, Reaction, closes, reaction
from gracekeeper_policies.process.workers import TaskLimit, processes_of, task_limit_of, variant_of
from gracekeeper_policies.provenance import Default, Known, Sourced, Unknown, joined, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.environment import Variable
    from gracekeeper_policies.process.files import Files
    from gracekeeper_policies.process.pod import PodProcesses
    from gracekeeper_policies.process.settings import Settings, Value
    from gracekeeper_policies.process.shell.script import Command
    from gracekeeper_policies.provenance import Word
    from gracekeeper_policies.workload import Container

_DOCKER_HUB: Final = "docker.io"
_STOP_SIGNAL_GATE: Final = "ContainerStopSignals"


class PythonProcess(Struct, frozen=True, eq=False, dict=True):
    """The process of one container; each fact is worked out when it is first asked for.

    `traced` is there for one of several programs under a supervisor: how it is started.
    """

    container: Container
    image: ImageConfig | Unknown
    pod: PodProcesses
    traced: Mapping[Shell, Launch] | None = None

    @once
    def reference(self) -> ImageReference | None:
        """The container's image reference; None where it is empty or a placeholder."""
        return ImageReference.parse(self.container.spec.image)

    @once
    def environment(self) -> Environment:
        """The variables that the process starts with."""
        return environment_of(self.container, self.image)

    @once
    def command(self) -> CommandLine | Unknown:
        """The words that the kubelet starts."""
        return command_line(self.container, self.image, self.environment)

    @once
    def files(self) -> Files:
        """The files that the container holds and that are in sight."""
        image = self._told_image.files if self._told_image else {}
        sources = sources_of(self.image) if isinstance(self.image, UnreadImage) else ()
        return files_of(self.container, image, self.working_dir, sources)

    @once
    def launches(self) -> Mapping[Shell, Launch]:
        """How the program is started, for each shell that `sh` may be in this image."""
        if self.traced is not None:
            return self.traced
        if isinstance(self.command, Unknown):
            return {Shell.DASH: Launch(unknown=self.command.reason)}
        told = self._told_shell
        first = told or Shell.DASH
        launches = {first: trace(self.command.words, first, self.environment, self.files)}
        if told is None and any(link.name == first.value for link in launches[first].links):
            rest = (shell for shell in Shell if shell is not first)
            launches |= {shell: trace(self.command.words, shell, self.environment, self.files) for shell in rest}
        # A shell that cannot read the script is not the one this image has.
        readable = {shell: launch for shell, launch in launches.items() if launch.unread is None}
        return readable or launches

    @property
    def _told_image(self) -> ImageConfig | None:
        """The image where the process may rest on it.

        A doubt about an image is the command's too where that is the image's; beside a command of the manifest such an
        image tells nothing.
        """
        unread = isinstance(self.image, Unknown) or bool(self.image.doubt and self.container.spec.command)
        return None if unread or isinstance(self.image, Unknown) else self.image

    @property
    def _told_shell(self) -> Shell | None:
        image = self._told_image
        return (image and image.shell) or (self.reference.shell if self.reference else None)

    @once
    def launch(self) -> Launch:
        """How the program is started under the likeliest shell; the program is the same under each."""
        return next(iter(self.launches.values()))

    @once
    def delivery(self) -> Delivery:
        """What becomes of SIGTERM."""
        as_pid_1 = self.container.workload.runs_as_pid_1
        return combine({shell: deliver(launch, as_pid_1=as_pid_1) for shell, launch in self.launches.items()})

    @once
    def program(self) -> Program | None:
        """The program that was recognised; None where its name says nothing."""
        return None if self.launch.unknown else recognise(self.launch.words)

    @once
    def server(self) -> Server | None:
        """The table of the server that runs; None where there is none for it."""
        return self.program.server if self.program else None

    @property
    def name(self) -> str:
        """What people call the process: `gunicorn`, `start.py`; empty where nothing is known."""
        return spoken(self.program.name) if self.program else ""

    @property
    def unknown(self) -> str:
        """Why the program could not be told; empty where it could."""
        if self.program is not None:
            return ""
        is_given = bool(self.launch.words) and self.launch.words[0].path is not None
        if not self.launch.unknown and not self.launch.links and self.doubt and is_given:
            # The first argument names no program that is known: it is the entrypoint's, as the others.
            return ARGUMENTS_ALONE
        word = self.launch.words[0].spoken if self.launch.words else ""
        shows = "the manifest does not show" if isinstance(self.image, Unknown) else "was not read"
        return self.launch.unknown or f"{word} is a program that {shows}"

    @property
    def doubt(self) -> str:
        """Why the program may be another after all; empty where it is certain."""
        if self.launch.conditional:
            return "the script starts it only on a condition"
        own = "" if isinstance(self.command, Unknown) else self.command.doubt
        of_files = joined(self.launch.doubt, self.settings.file_doubt if self.settings else "")
        return joined(own, *of_files.split("; "))

    @once
    def runtime(self) -> Runtime:
        """Whether the process is Python: declared, or told by its program or its image."""
        declared = self.container.annotation("runtime")
        if declared is not None and declared.text in (Runtime.PYTHON.value, Runtime.OTHER.value):
            return Runtime(declared.text)
        if self._runs_python:
            return Runtime.PYTHON
        return self.program.runtime if self.program else self._runtime_of_image()

    @property
    def _runs_python(self) -> bool:
        # A Job's script often ends in an `echo`: what it ran before, or a Python image, tells what it is.
        commands = [command.argv for command in (*self.launch.preparation, *self.launch.beside)]
        commands += [launch.words for launch in self.launch.supervised]
        programs = (self.program, *(recognise(words) for words in commands))
        found = any(program is not None and program.runtime is Runtime.PYTHON for program in programs)
        return found or (bool(self.launch.preparation) and self._runtime_of_image() is Runtime.PYTHON)

    def _runtime_of_image(self) -> Runtime:
        if not isinstance(self.image, Unknown) and self.image.python_version:
            return Runtime.PYTHON
        if self.reference is None or self.reference.registry != _DOCKER_HUB:
            return Runtime.UNKNOWN
        if self.reference.name in OTHER_IMAGES:
            return Runtime.OTHER
        return Runtime.PYTHON if self.reference.name in ("python", "pypy") else Runtime.UNKNOWN

    @property
    def awaits_image(self) -> bool:
        """Whether it is its image, which was not read, that would tell what runs."""
        if not isinstance(self.image, Unknown):
            return False
        if isinstance(self.command, Unknown) or self.command.doubt:
            return True
        is_script_read = self.launch.unread is not None or bool(self.launch.beside or self.launch.supervised)
        return self.program is None and not is_script_read

    @property
    def program_source(self) -> str:
        """Where the program's name was read: `spec.containers[0].command[0]`."""
        return self.launch.words[0].source if self.launch.words else self.unknown

    def image_source(self, name: str) -> str:
        """Where a field of the image was read; empty where none was."""
        return "" if isinstance(self.image, Unknown) else self.image.source(name)

    @property
    def program_tier(self) -> str:
        """Where the image names what it starts, if it does: `image: web/Dockerfile:12`; empty for the manifest."""
        words = () if isinstance(self.command, Unknown) else self.command.words
        return next((word.source for word in words if word.source.startswith(OF_IMAGE)), "")

    @property
    def program_path(self) -> Path:
        """The word of the manifest that names the program; the image where that is the image's, else the container."""
        return self.place_of(self.launch.words[0]) if self.launch.words else self.container.path

    def place_of(self, word: Word) -> Path:
        """The field of the manifest that decides about a word: the word itself, or the image that holds it."""
        return word.path or (self.image_path if word.source.startswith(OF_IMAGE) else self.container.path)

    @property
    def image_path(self) -> Path:
        """The field that names the image."""
        return (*self.container.path, "image")

    @property
    def serves_requests(self) -> bool:
        """Whether it is known to answer requests."""
        return self.server is not None and self.server.purpose is Purpose.REQUESTS

    @once
    def settings(self) -> Settings | None:
        """The server's options as this container sets them; None without a table."""
        if self.program is None or self.program.server is None:
            return None
        return self._settings_of(self.program.server, self.program.arguments)

    def _settings_of(self, server: Server, arguments: tuple[Word, ...]) -> Settings:
        return configuration_of(server, arguments, self._variables, self.files)

    @once
    def _variables(self) -> Environment:
        if not self.launch.assignments:
            return self.environment
        assigned = {
            name: Unknown(word.unknown) if word.unknown else Known(word.text, f"{name} in the script", word.path)
            for name, word in self.launch.assignments.items()
        }
        return Environment(dict(self.environment.variables) | assigned, self.environment.unseen)

    def variable(self, name: str) -> Variable | None:
        """What the program finds under a variable's name, a script's assignments too; None where nothing sets it."""
        return self._variables.variables.get(name)

    def is_of_image(self, variable: Variable | None) -> bool:
        """Whether a variable was set in the image."""
        return isinstance(variable, Known) and variable.source.startswith(OF_IMAGE)

    @once
    def installations(self) -> tuple[Command, ...]:
        """The commands that install dependencies before the program starts."""
        return tuple(command for command in self.launch.preparation if installs(command.argv))

    @once
    def migrations(self) -> tuple[Command, ...]:
        """The commands that change a database's schema before the program starts."""
        return tuple(command for command in self.launch.preparation if migrates(command.argv))

    def setting(self, option: str) -> Sourced[Value]:
        """An option's effective value; Unknown where the process or the option is not known."""
        if self.settings is None or not self.settings.server.has(option):
            return Unknown(self.unknown or f"{self.name} has no {option}")
        return self.settings.get(option)

    @once
    def on_term(self) -> OnTerm:
        """What the program does with the stop signal when it reaches it."""
        return self.at_signal(self.arriving_signal or self.stop_signal).does

    @property
    def stop_signal(self) -> str:
        """The signal the runtime sends: the image's own, where it was read."""
        signal = TERM if isinstance(self.image, Unknown) else self.image.signal
        return TERM if isinstance(signal, Unknown) else signal

    def at_signal(self, signal: str) -> Reaction:
        """What the program does with a signal that reaches it."""
        return Reaction(OnTerm.UNKNOWN) if self.settings is None else reaction(self.settings, signal)

    @once
    def arriving_signal(self) -> str:
        """The signal that reaches it when it is told to stop; empty where none is known to."""
        heard = self.delivery.signal or self.stop_signal
        return {Outcome.HEARD: heard, Outcome.INTERRUPTED: "SIGINT"}.get(self.delivery.outcome, "")

    @property
    def graceful_signal(self) -> str:
        """The signal at which it finishes what it has; empty where there is none."""
        return next((signal for signal in SIGNALS if self.at_signal(signal).does is OnTerm.FINISHES), "")

    @once
    def unwritable_folder(self) -> Lack | None:
        """The folder it writes to before it works and cannot, on a root file system that is read-only."""
        return lack_of(self.container, self.settings, self.working_dir) if self.settings else None

    @property
    def working_dir(self) -> str:
        """The folder it starts in; empty where neither the manifest nor the image tells it."""
        folder = (self._told_image.working_dir or "/") if self._told_image else ""
        return self.container.spec.working_dir or ("" if isinstance(folder, Unknown) else folder)

    @once
    def requests(self) -> Requests | None:
        """What it does with requests; None where it serves none."""
        if self.settings is None or not self.serves_requests:
            return None
        return Requests(self.container, self.settings, variant_of(self.settings))

    @once
    def binds(self) -> tuple[Bind, ...] | Unknown:
        """The TCP addresses it listens on; empty for a Unix socket or a worker."""
        if self.settings is None or self.server is None or self.server.binding is None:
            return Unknown(self.unknown or f"where {self.name} listens is not known")
        return binds_of(self.settings, self.server.binding)

    def bind_argument(self, host: str, port: int) -> str:
        """The argument that makes the server listen there: `--bind 0.0.0.0:8000`, `--host 0.0.0.0`."""
        binding = self.server.binding if self.server else None
        if self.server is None or binding is None:
            return ""
        named = (binding.address, *binding.further)
        given = next((name for name in named if name and isinstance(self.setting(name), Known)), "")
        option = given or binding.host or binding.address
        flags = self.server.option(option).flags
        return " ".join((*flags[-1:], host if option == binding.host else f"{host}:{port}"))

    @once
    def worker_processes(self) -> Sourced[Value]:
        """The worker processes of its server: a number, or `NODE_CPUS`; Unknown where it starts none."""
        return processes_of(self.settings) if self.settings else Unknown(self.unknown)

    @once
    def task_limit(self) -> TaskLimit | None:
        """What limits one of its tasks; None where its server has no such option."""
        return task_limit_of(self.settings) if self.settings else None

    @once
    def schedulers(self) -> tuple[Scheduler, ...]:
        """What sends tasks by the clock: the program itself, and what its script leaves running beside it."""
        beside = [recognise(command.argv) for command in self.launch.beside if not command.conditional]
        programs = [program for program in (self.program, *beside) if program]
        found = (
            scheduler_of(self._settings_of(program.server, program.arguments))
            for program in programs
            if program.server and program.server.schedule
        )
        return tuple(scheduler for scheduler in found if scheduler)

    @once
    def memory_floor(self) -> MemoryFloorOfWorkers | None:
        """The measured memory of its workers without an application; None where it was not measured."""
        if self.settings is None or self.server is None or not self.server.memory:
            return None
        measured = self.server.memory.get(variant_of(self.settings))
        if measured is not None and not measured.further_mib:
            return MemoryFloorOfWorkers(measured, 1)
        workers = self.worker_processes
        if measured is None or isinstance(workers, Unknown):
            return None
        number = workers.value if isinstance(workers.value, int) else 0
        return MemoryFloorOfWorkers(measured, number, self.server.workers) if number > 0 else None

    @property
    def bind_doubt(self) -> str:
        """Why it may listen elsewhere too; empty where its addresses are certain."""
        if isinstance(self.binds, Unknown):
            return f"where container {self.container.name} listens is not known"
        return joined(self.doubt, *(bind.doubt for bind in self.binds))

    @property
    def signal_doubt(self) -> str:
        """Why another program may get the signal, or none; empty where that is certain."""
        return joined(self.doubt, self.delivery.doubt)

    @once
    def stop_doubt(self) -> str:
        """Why it may stop otherwise; empty where that is certain."""
        asked = self.container.spec.lifecycle.stop_signal
        other = f"lifecycle.stopSignal asks for {asked}, which counts where the gate {_STOP_SIGNAL_GATE} is on"
        return joined(
            self.signal_doubt,
            "" if self.stop_signal == TERM or isinstance(self.image, Unknown) else self.image.doubt,
            self.at_signal(self.arriving_signal or self.stop_signal).doubt,
            other if asked and asked != self.stop_signal else "",
        )

    @property
    def stops_serving(self) -> bool:
        """Whether a stop signal that reaches it ends its answers to new connections."""
        if self.on_term is OnTerm.IGNORES:
            return not self.delivery.as_pid_1
        return self.on_term in (OnTerm.FINISHES, OnTerm.DROPS)

    @property
    def closes(self) -> str:
        """What becomes of connections that arrive while it drains: `are refused`; empty where there are none."""
        return closes(self.settings) if self.settings else ""

    def setting_doubt(self, option: str) -> str:
        """Why an option may be set after all although nothing in sight sets it; empty where that is certain."""
        value = self.setting(option)
        return value.doubt if isinstance(value, Default) else ""

    @property
    def is_reachable(self) -> bool:
        """Whether anybody outside the pod may reach it: it binds more than loopback, or is not known."""
        return isinstance(self.binds, Unknown) or any(not bind.is_loopback for bind in self.binds)

    @property
    def probed_port(self) -> int | None:
        """A port that a probe reaches; None where it listens for its own pod alone, or nobody can tell where."""
        if isinstance(self.binds, Unknown):
            return None
        return next((bind.port for bind in self.binds if not bind.is_loopback), None)

    @once
    def supervised(self) -> tuple[PythonProcess, ...]:
        """All programs of the supervisor in front of it, in the order in which they are stopped."""
        return tuple(
            self._other({shell: launch.supervised[number] for shell, launch in self.launches.items()})
            for number in range(min(len(launch.supervised) for launch in self.launches.values()))
        )

    @once
    def stopped_before(self) -> tuple[tuple[PythonProcess, ...], ...]:
        """The programs that its supervisor stops before it, in groups that stop together."""
        return tuple(tuple(self._other({Shell.DASH: launch}) for launch in together) for together in self.launch.before)

    def _other(self, traced: Mapping[Shell, Launch]) -> PythonProcess:
        return PythonProcess(self.container, self.image, self.pod, traced)

    @once
    def _has_company(self) -> bool:
        # A daemon, or a program that is not known, in the same container may listen on any port.
        commands = [command.argv for command in self.launch.beside]
        commands += [launch.words for launch in self.launch.supervised if launch.words != self.launch.words]
        return any(may_listen(words) for words in commands)

    @property
    def is_behind_a_proxy(self) -> bool:
        """Whether nobody outside the pod reaches it, but another program of the pod may be the way in."""
        if not self.is_reachable and self._has_company:
            return True
        others = (other for other in self.pod.listening if other is not self)
        return not self.is_reachable and any(other.is_reachable for other in others)

    def may_bind(self, port: int) -> bool:
        """Whether it binds a port, or may bind one that its container declares, or its image.

        Where the server's own port is declared beside it, the application may open the other one, such as one for
        metrics.
        """
        if self._has_company:
            return True
        declared = {each.container_port for each in self.container.spec.ports}
        exposed = frozenset() if isinstance(self.image, Unknown) else self.image.tcp_ports
        if isinstance(self.binds, Unknown):
            return port in declared or port in exposed
        own = {bind.port for bind in self.binds}
        return port in own or any(port in ports and bool(own & ports) for ports in (declared, exposed))

    @property
    def declares_shutdown(self) -> bool:
        """Whether an annotation declares how long the shutdown takes."""
        return declared_seconds(self.container, "shutdown-seconds") is not None

    @once
    def drain(self) -> Sourced[float | None]:
        """Seconds it may take from the signal to its end; None inside means that nothing bounds it.

        What the annotation `shutdown-seconds` declares replaces what is computed.
        """
        declared = declared_seconds(self.container, "shutdown-seconds")
        if declared is not None:
            return declared
        if self.server is None or self.on_term is not OnTerm.FINISHES:
            return Unknown(self.unknown or f"how {self.name} stops is decided by its own code")
        if self.server.drain:
            return seconds_of(self.setting(self.server.drain))
        limit = self.task_limit
        return limit.seconds if limit and not limit.is_soft else Default(None, self.server.label)
