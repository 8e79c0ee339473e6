"""What runs in one container: program, settings, addresses, drain, and who hears the signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.addresses import Addresses
from gracekeeper_policies.process.command import ARGUMENTS_ALONE, CommandLine, command_line
from gracekeeper_policies.process.configuration import configuration_of
from gracekeeper_policies.process.delivery import Delivery, combine, deliver
from gracekeeper_policies.process.environment import Environment, environment_of
from gracekeeper_policies.process.files import files_of, sources_of
from gracekeeper_policies.process.folders import Lack, lack_of
from gracekeeper_policies.process.image import ImageConfig, ImageReference, UnreadImage
from gracekeeper_policies.process.launch import Launch
from gracekeeper_policies.process.memory import MemoryFloorOfWorkers, floor_of
from gracekeeper_policies.process.places import Places
from gracekeeper_policies.process.preparation import installs, migrates
from gracekeeper_policies.process.recognition import Program, Runtime, recognise
from gracekeeper_policies.process.requests import Requests
from gracekeeper_policies.process.runtime import runtime_of
from gracekeeper_policies.process.scheduling import Scheduler, scheduler_of
from gracekeeper_policies.process.server import Purpose, Server
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shutdown import Shutdown
from gracekeeper_policies.process.trace import trace
from gracekeeper_policies.process.workers import TaskLimit, processes_of, task_limit_of, variant_of
from gracekeeper_policies.provenance import Default, Known, Sourced, Unknown, joined, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.environment import Variable
    from gracekeeper_policies.process.files import Files
    from gracekeeper_policies.process.pod import PodProcesses
    from gracekeeper_policies.process.settings import Settings, Value
    from gracekeeper_policies.process.shell.script import Command
    from gracekeeper_policies.provenance import Word


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
        return runtime_of(self.program, self.launch, self.image, self.reference)

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
    def places(self) -> Places:
        """Where its facts stand."""
        return Places(self)

    @once
    def serves_requests(self) -> bool:
        """Whether it is known to answer requests."""
        if self.server is None or self.server.purpose is not Purpose.REQUESTS:
            return False
        return all(self.settings is not None and self.settings.is_off(name) for name in self.server.serves_unless)

    @property
    def is_alone(self) -> bool:
        """Whether a second replica would not take over from it."""
        return self.server is not None and bool(self.server.alone)

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
    def shutdown(self) -> Shutdown:
        """How it stops."""
        return Shutdown(self)

    @once
    def addresses(self) -> Addresses:
        """Where it listens."""
        return Addresses(self)

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
        return floor_of(self.settings) if self.settings else None

    def setting_doubt(self, option: str) -> str:
        """Why an option may be set after all although nothing in sight sets it; empty where that is certain."""
        value = self.setting(option)
        return value.doubt if isinstance(value, Default) else ""

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
