"""Walks a script as a shell would, along every branch that cannot be ruled out, and writes down what is run."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatchmethod
from itertools import count
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper_policies.process.shell import commands, tree, variables
from gracekeeper_policies.process.shell.conditions import is_question, leaves, matches, never_changes, truth_of
from gracekeeper_policies.process.shell.conduct import Place
from gracekeeper_policies.process.shell.durations import sleep_of
from gracekeeper_policies.process.shell.handover import owners
from gracekeeper_policies.process.shell.jobs import process_id
from gracekeeper_policies.process.shell.paths import count_waits_of_loop, leave_loop, rejoin
from gracekeeper_policies.process.shell.state import Ending, Job, State
from gracekeeper_policies.process.shell.steps import blocks_handover, step_of
from gracekeeper_policies.process.shell.words import expand_all, expand_unsplit
from gracekeeper_policies.provenance import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.process.shell.context import Context
    from gracekeeper_policies.process.shell.state import Step
    from gracekeeper_policies.process.shell.tree import Part

_NOTHING: Final = tree.Sequence(())
_MOST_STEPS: Final = 1000
_MOST_JOBS: Final = 64
_DEEPEST_CALL: Final = 8
_MOST_CALLS: Final = 500


@dataclass
class Run:
    """One walk through a script. `steps` is everything run, in order; `ends` are the paths that stop early."""

    is_server: Callable[[tuple[Word, ...]], bool]
    sourced: Callable[[Word, Word | None], Word | None]
    steps: list[Step] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    ends: list[State] = field(default_factory=list)
    calls: Iterator[int] = field(default_factory=count)

    @singledispatchmethod
    def walk(self, part: Part, state: State, context: Context) -> bool | None:
        """Run one part; return whether it succeeds, None where that cannot be told."""
        raise NotImplementedError(part)

    @walk.register(tree.Sequence)
    def _sequence(self, part: tree.Sequence, state: State, context: Context) -> bool | None:
        succeeds: bool | None = True
        for item in part.items:
            if state.ending is None and item.background:
                self._start_job(item.part, state, context)
            elif state.ending is None:
                succeeds = self.walk(item.part, state, context)
        return succeeds

    @walk.register(tree.Group)
    def _group(self, part: tree.Group, state: State, context: Context) -> bool | None:
        return self.walk(part.body, state, context)

    @walk.register(tree.Subshell)
    def _subshell(self, part: tree.Subshell, state: State, context: Context) -> bool | None:
        if part in context.ends and not blocks_handover(state):
            return self.walk(part.body, state, context)
        branch = self._apart(part.body, state, replace(context, place=context.place or Place.SUBSHELL, forked=True))
        state.last, state.running = branch.last or state.last, branch.running
        state.ending = Ending.STAYS if branch.ending is Ending.STAYS else None
        return None

    @walk.register(tree.Pipeline)
    def _pipeline(self, part: tree.Pipeline, state: State, context: Context) -> bool | None:
        inner = replace(context, place=Place.PIPELINE, forked=True, ends=frozenset())
        branches = [self._apart(each, state, inner) for each in part.parts]
        state.last = tuple(step for branch in branches for step in branch.last) or state.last
        state.ending = Ending.STAYS if any(branch.ending is Ending.STAYS for branch in branches) else None
        return None

    @walk.register(tree.Chain)
    def _chain(self, part: tree.Chain, state: State, context: Context) -> bool | None:
        left = self.walk(part.left, state, replace(context, guarded=True))
        if state.ending is not None:
            return left
        runs_right = left if part.operator == "&&" else None if left is None else not left
        if runs_right is None and part.operator == "&&" and not (is_question(part.left) or leaves(part.right)):
            # A command of a chain is expected to succeed: `migrate && serve` serves.
            runs_right = True
        if runs_right is None:
            self._branch([part.right, _NOTHING], state, context)
            return None
        return self.walk(part.right, state, context) if runs_right else left

    @walk.register(tree.Not)
    def _not(self, part: tree.Not, state: State, context: Context) -> bool | None:
        succeeds = self.walk(part.part, state, replace(context, guarded=True, ends=frozenset()))
        return None if succeeds is None else not succeeds

    @walk.register(tree.Test)
    def _test(self, part: tree.Test, state: State, _context: Context) -> bool | None:
        return truth_of(part, state.scope)

    @walk.register(tree.If)
    def _if(self, part: tree.If, state: State, context: Context) -> bool | None:
        possible: list[Part] = []
        for condition, body in part.branches:
            holds = self.walk(condition, state, replace(context, guarded=True))
            if state.ending is not None:
                return None
            if holds is not False:
                possible.append(body)
            if holds:
                break
        else:
            possible.append(part.otherwise or _NOTHING)
        return self._choose(possible, state, context)

    @walk.register(tree.Case)
    def _case(self, part: tree.Case, state: State, context: Context) -> bool | None:
        subject = expand_unsplit(part.subject, state.scope)
        possible: list[Part] = []
        for patterns, body in part.branches:
            fits = matches(subject, patterns, state.scope)
            if fits is not False:
                possible.append(body)
            if fits:
                return self._choose(possible, state, context)
        return self._choose([*possible, _NOTHING], state, context)

    @walk.register(tree.While)
    def _while(self, part: tree.While, state: State, context: Context) -> bool | None:
        first, waits = len(self.steps), [job.waits for job in self.jobs]
        holds = self.walk(part.condition, state, replace(context, guarded=True))
        goes_on = None if holds is None else holds is not part.until
        if goes_on and not never_changes(part.condition):
            goes_on = None
        if part.shifts and goes_on is not False:
            state.scope.set_positional((), "a loop takes the arguments apart")
        if goes_on is False or state.ending is not None:
            return True
        if goes_on:
            self.walk(part.body, state, context)
        else:
            self._branch([part.body, _NOTHING], state, context)
        endless = bool(goes_on) and not state.may_break and state.ending is not Ending.BREAK
        count_waits_of_loop(self.jobs, waits, endless=endless)
        leave_loop(state, [step for step in self.steps[first:] if step.job is None], endless=endless)
        return None

    @walk.register(tree.For)
    def _for(self, part: tree.For, state: State, context: Context) -> bool | None:
        values = expand_all(part.values, state.scope)
        if part.variable:
            state.scope.assign(part.variable, _loop_value(part.variable, values))
        certain = any(not value.unknown for value in values)
        if certain and len(values) > 1:
            before = state.scope.copy()
            self.walk(part.body, state, context)
            state.scope.settle_rounds(before)
        elif certain:
            self.walk(part.body, state, context)
        else:
            self._branch([part.body, _NOTHING], state, context)
        state.ending = None if state.ending is Ending.BREAK else state.ending
        return None

    @walk.register(tree.Function)
    def _function(self, part: tree.Function, state: State, _context: Context) -> bool | None:
        state.functions[part.name] = part.body
        return True

    @walk.register(tree.Declaration)
    def _declaration(self, part: tree.Declaration, state: State, _context: Context) -> bool | None:
        variables.declare(part, state)
        return True

    @walk.register(tree.Simple)
    def _simple(self, part: tree.Simple, state: State, context: Context) -> bool | None:
        argv = expand_all(part.words, state.scope)
        if not argv:
            for each in part.assignments:
                variables.assign(each, state.scope)
            return True
        values = {each.name: variables.assigned(each, state.scope) for each in part.assignments}
        return commands.run(self, part, argv, values, state, context)

    def call(self, body: Part, argv: tuple[Word, ...], state: State, context: Context) -> bool | None:
        """Run a function's body with its own positional words."""
        outer, doubt = state.scope.positional, state.scope.positional_doubt
        state.scope.set_positional(argv[1:])
        self.run_inside(body, state, context)
        state.scope.set_positional(outer[1:], doubt)
        return None

    def run_inside(self, body: Part, state: State, context: Context) -> None:
        """Run a body that `return` ends, so often and so deep as anybody needs."""
        if context.calls >= _DEEPEST_CALL or next(self.calls) > _MOST_CALLS:
            return
        self.walk(body, state, replace(context, calls=context.calls + 1, ends=frozenset()))
        state.ending = None if state.ending is Ending.RETURN else state.ending

    def start(
        self,
        part: Part,
        argv: tuple[Word, ...],
        values: Mapping[str, Word],
        state: State,
        context: Context,
        *,
        by_exec: bool,
    ) -> None:
        """Write down a program that is started, and end the path where it never comes back."""
        if state.waiting or len(self.steps) >= _MOST_STEPS:
            return
        step = step_of(part, argv, values, state, context, by_exec=by_exec)
        self.steps.append(step)
        state.last, state.poll = (step,), None
        stays = self.is_server(argv) or sleep_of(argv) == float("inf") or commands.never_returns(argv)
        if by_exec or step.place is Place.LAST:
            state.ending = Ending.STAYS if context.forked and stays else Ending.REPLACED
        elif stays:
            state.ending = Ending.STAYS

    def _start_job(self, part: Part, state: State, context: Context) -> None:
        if state.waiting or len(self.jobs) >= _MOST_JOBS:
            return
        number = len(self.jobs)
        self.jobs.append(Job())
        place = context.place or Place.BACKGROUND
        inner = replace(context, place=place, job=number, ends=owners(part, state.scope.shell))
        self.jobs[number].steps = self._apart(part, state, inner).last
        state.running += (number,)
        state.last, state.poll = (), None
        state.scope.last_job = process_id(number)

    def _apart(self, part: Part, state: State, context: Context) -> State:
        """Run a part in a process of its own, which leaves nothing but its commands; traps do not reach there."""
        branch = state.copy()
        branch.last, branch.traps, branch.has_trapped = (), {}, False
        inner = Run(self.is_server, self.sourced, self.steps, self.jobs, calls=self.calls)
        inner.walk(part, branch, context)
        branch.last = tuple(dict.fromkeys(step for end in (*inner.ends, branch) for step in end.last))
        if any(end.ending is Ending.STAYS for end in inner.ends):
            branch.ending = Ending.STAYS
        return branch

    def _choose(self, possible: list[Part], state: State, context: Context) -> bool | None:
        if len(possible) == 1:
            return self.walk(possible[0], state, context)
        self._branch(possible, state, context)
        return None

    def _branch(self, parts: Iterable[Part], state: State, context: Context) -> None:
        """Walk each part on a path of its own."""
        paths: list[State] = []
        for part in parts:
            path = state.copy()
            self.walk(part, path, replace(context, conditional=True))
            paths.append(path)
        self.ends += rejoin(paths, state)


def _loop_value(name: str, values: Sequence[Word]) -> Word:
    return values[0] if len(values) == 1 else Word(f"${name}", unknown=f"{name} changes from round to round")
