"""From a container's first word to the program that serves: through wrappers and shells, link by link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper_policies.process.files import NO_FILES
from gracekeeper_policies.process.interpreter import interpreted
from gracekeeper_policies.process.launch import Launch, Link
from gracekeeper_policies.process.principal import IN_HAND, chosen_of, is_server
from gracekeeper_policies.process.process_group import apart
from gracekeeper_policies.process.recognition import recognise
from gracekeeper_policies.process.recollection import Overlaid, Recollection
from gracekeeper_policies.process.server import Purpose
from gracekeeper_policies.process.shell.conduct import Hearing, Place
from gracekeeper_policies.process.shell.dialect import SHELLS, Shell
from gracekeeper_policies.process.sight import Sight, moved
from gracekeeper_policies.process.supervision import supervised_by
from gracekeeper_policies.process.wrappers import UNMEASURED, Passing, Wrapped, executable, unwrap
from gracekeeper_policies.provenance import Unknown, Word, joined

if TYPE_CHECKING:
    from gracekeeper_policies.process.files import File, Files
    from gracekeeper_policies.process.recollection import Variables
    from gracekeeper_policies.process.shell.script import Command, Script
    from gracekeeper_policies.process.sight import Called
    from gracekeeper_policies.process.supervision import Supervised

_DEEPEST: Final = 12
_PASSING: Final = {
    Hearing.REPLACED: Passing.REPLACED,
    Hearing.FORWARDED: Passing.FORWARDS,
    Hearing.EXITS: Passing.EXITS,
    Hearing.NOTHING: Passing.NOTHING,
}
_INTERRUPTING: Final = ("INT", "QUIT")
_NO_LINKS: Final = Launch()
_TRACED: Final[Recollection[Launch]] = Recollection()


def trace(words: tuple[Word, ...], sh: Shell, variables: Variables, files: Files = NO_FILES) -> Launch:
    """Follow a command line to its program, through scripts in sight, taking `sh` to be the given shell."""
    return _TRACED.of((words, sh, files), variables, lambda asked: _trace(words, Sight(sh, asked, files)))


def _trace(words: tuple[Word, ...], sight: Sight, launch: Launch = _NO_LINKS) -> Launch:
    while len(launch.links) < _DEEPEST:
        step = _step(words, sight, launch)
        if step is None:
            return replace(launch, words=words)
        launch, words = step
        if launch.unknown:
            return replace(launch, words=words)
    return replace(launch, words=words, unknown="more than a dozen programs start each other")


def _step(words: tuple[Word, ...], sight: Sight, launch: Launch) -> tuple[Launch, tuple[Word, ...]] | None:
    wrapped = unwrap(words)
    if wrapped is not None:
        return _through_wrapper(wrapped, words, sight, launch)
    name = executable(words[0]) if words else ""
    if name == "busybox" and len(words) > 1 and words[1].text in ("sh", "ash"):
        return _through_shell(words[1:], Shell.ASH, sight, launch)
    if name in SHELLS:
        return _through_shell(words, SHELLS[name] or sight.sh, sight, launch)
    if len(words) > 1 and (name, words[1].text) in UNMEASURED:
        return replace(launch, unknown=f"what {name} {words[1].text} does with signals was never measured"), words
    supervised = supervised_by(words, sight, launch.folder)
    if supervised is not None:
        return _under_supervisor(supervised, words, sight, launch)
    file = sight.started(words[0], launch.folder) if words else None
    return _into_file(words, file, launch) if file else None


def _under_supervisor(
    found: tuple[Supervised, ...] | Unknown, words: tuple[Word, ...], sight: Sight, launch: Launch
) -> tuple[Launch, tuple[Word, ...]]:
    if isinstance(found, Unknown):
        return replace(launch, unknown=found.reason), words
    traced = [
        _trace(
            each.words,
            replace(sight.deeper, variables=Overlaid(sight.variables, each.assignments)),
            _behind(each, words[0], launch),
        )
        for each in found
    ]
    turns = [each.turn for each in found]
    waiting = tuple(
        replace(each, before=_earlier(turn, turns, traced)) for turn, each in zip(turns, traced, strict=True)
    )
    servers = [each for each in waiting if not each.unknown and is_server(each.words, IN_HAND)]
    chosen = servers if len(waiting) > 1 else waiting
    if len(chosen) == 1:
        return replace(chosen[0], supervised=waiting), chosen[0].words
    names = ", ".join(_name(each) for each in servers or waiting)
    several = f"starts several {'servers' if servers else 'programs'}: {names}" if names else "starts nothing"
    return replace(launch, unknown=f"{executable(words[0])} {several}", supervised=waiting), words


def _name(launch: Launch) -> str:
    program = recognise(launch.words)
    return program.name if program else executable(launch.words[0]) if launch.words else "one that is not told"


def _behind(program: Supervised, word: Word, launch: Launch) -> Launch:
    name = executable(word)
    link = Link(
        name,
        program.passing,
        word,
        f"{name} {program.passing.value}",
        kills_after=program.kills_after,
        script=program.origin,
        sends=program.signal,
        limit=program.limit,
        apart=program.apart,
    )
    return replace(
        launch,
        links=(*launch.links, link),
        assignments={**launch.assignments, **program.assignments},
        folder=moved(launch.folder, program.directory),
        doubt=joined(launch.doubt, program.doubt),
    )


def _earlier(turn: int, turns: list[int], traced: list[Launch]) -> tuple[tuple[Launch, ...], ...]:
    return tuple(
        tuple(launch for other, launch in zip(turns, traced, strict=True) if other == earlier)
        for earlier in sorted(set(turns))
        if earlier < turn
    )


def _into_file(words: tuple[Word, ...], file: File, launch: Launch) -> tuple[Launch, tuple[Word, ...]]:
    # A shell or an init runs a file without `#!` by `sh`; the container runtime refuses it.
    named = interpreted(words, file, by_kernel=not launch.links)
    launch = replace(launch, doubt=joined(launch.doubt, file.doubt))
    return (replace(launch, unknown=named.reason), words) if isinstance(named, Unknown) else (launch, named)


def _through_wrapper(
    wrapped: Wrapped, words: tuple[Word, ...], sight: Sight, launch: Launch
) -> tuple[Launch, tuple[Word, ...]]:
    reason = f"{wrapped.name} {wrapped.passing.value}"
    before = _set_before(sight, launch)
    link = Link(
        wrapped.name,
        wrapped.passing,
        words[0],
        reason,
        kills_after=wrapped.kills_after,
        apart=apart(wrapped, before),
    )
    assignments = {
        name: each.part(text) for each in wrapped.assignments for name, _, text in [each.text.partition("=")]
    }
    if wrapped.wrapper.reads_files:
        from gracekeeper_policies.process.handed import handed_on  # noqa: PLC0415 - few containers have one

        own = words[1 : len(words) - len(wrapped.words)]
        assignments = dict(handed_on(wrapped.name, own, replace(sight, variables=before), launch.folder))
    unknown = reason if wrapped.passing is Passing.LEAVES else ""
    launch = replace(
        launch, links=(*launch.links, link), assignments=dict(launch.assignments) | assignments, unknown=unknown
    )
    if wrapped.script is not None:
        return launch, (Word("sh"), Word("-c"), wrapped.script)
    return launch, wrapped.words


def _set_before(sight: Sight, launch: Launch) -> Variables:
    """The variables that a program finds which what stands in front has started."""
    return Overlaid(sight.variables, launch.assignments) if launch.assignments else sight.variables


def _through_shell(
    words: tuple[Word, ...], shell: Shell, sight: Sight, launch: Launch
) -> tuple[Launch, tuple[Word, ...]]:
    called = sight.called(words, launch.folder)
    if isinstance(called, Unknown):
        return _stuck(launch, shell, words, called.reason)
    # What reads scripts is loaded when the first one is met: most workloads have none.
    from gracekeeper_policies.process.shell.script import read_script  # noqa: PLC0415

    script = read_script(
        called.text,
        shell,
        environment=_set_before(sight, launch),
        positional=called.positional,
        is_server=lambda argv: _stays(argv, sight.deeper),
        sourced=lambda name, directory: sight.sourced(name, moved(launch.folder, directory)),
        from_file=called.is_file,
    )
    if isinstance(script, Unknown):
        return _stuck(replace(launch, unread=called.word.path or ()), shell, words, script.reason)
    return _into_script(called, script, shell, launch)


def _stuck(launch: Launch, shell: Shell, words: tuple[Word, ...], reason: str) -> tuple[Launch, tuple[Word, ...]]:
    link = Link(shell.value, Passing.NOTHING, words[0])
    return replace(launch, links=(*launch.links, link), unknown=reason), words


def _into_script(called: Called, script: Script, shell: Shell, launch: Launch) -> tuple[Launch, tuple[Word, ...]]:
    doubt = joined(launch.doubt, called.doubt)
    launch = replace(launch, preparation=launch.preparation + script.preparation, doubt=doubt)
    chosen = chosen_of(script.main)
    if isinstance(chosen, Unknown):
        return replace(launch, unknown=chosen.reason, beside=launch.beside + script.main), ()
    link = Link(
        shell.value,
        _passing(chosen),
        called.word,
        chosen.reason,
        is_shell=True,
        doubt=chosen.doubt,
        replaceable=chosen.place is Place.CHILD and chosen.is_last and not chosen.repeats,
        script=called.text.source if called.is_file else "",
    )
    others = tuple(command for command in script.main if command is not chosen)
    launch = replace(
        launch,
        links=(*launch.links, link),
        assignments=dict(launch.assignments) | dict(chosen.assignments),
        beside=launch.beside + others,
        conditional=launch.conditional or chosen.conditional,
        folder=moved(launch.folder, chosen.directory),
    )
    return launch, chosen.argv


def _passing(command: Command) -> Passing:
    interrupts = command.at_term is Hearing.FORWARDED and command.signal in _INTERRUPTING
    return Passing.INTERRUPTS if interrupts else _PASSING[command.at_term]


def _stays(words: tuple[Word, ...], sight: Sight) -> bool:
    launch = _trace(words, sight)
    return not launch.unknown and is_server(launch.words, IN_HAND | {Purpose.SCHEDULE})
