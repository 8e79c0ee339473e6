"""`gracekeeper drill`: what is predicted of a stop, and what happens."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec import structs

from gracekeeper.cli import completion, options
from gracekeeper.cli.choosing import chosen
from gracekeeper.cli.explain import NOTHING_JUDGED
from gracekeeper.cli.judging import Question, judged, tell_problems, today
from gracekeeper.cli.terminal import style_of, write
from gracekeeper.errors import InputError
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.container import Role

if TYPE_CHECKING:
    from gracekeeper.drill.observed import Observed
    from gracekeeper.drill.plan import Plan
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Judged

_MOST_CLIENTS: Final = 1000
_LOSES: Final = 1


@click.command("drill", short_help="Run a container's command on this machine, stop it as a pod is, and compare.")
@options.reading
@click.option("--workload", metavar="KIND/NAME", shell_complete=completion.workloads, help="Drill this one.")
@click.option("--container", metavar="NAME", help="Drill this container of it. [default: the one that serves requests]")
@click.option(
    "--occasion",
    type=click.Choice(["pod", "liveness", "startup"]),
    default="pod",
    show_default=True,
    help="What it is stopped by: the end of its pod, or a probe that has a grace period of its own.",
)
@click.option("--request", "path", metavar="PATH", help="What is asked; best what takes its time. [default: /]")
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, _MOST_CLIENTS),
    help="Requests at once. [default: as many as the server serves at once, else 1]",
)
@click.option(
    "--hold",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="How long requests have run when the stop signal comes; those that end sooner are made anew.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="How it is told.",
)
def command(
    *,
    no_color: bool,
    workload: str | None,
    container: str | None,
    occasion: str,
    path: str | None,
    concurrency: int | None,
    hold: float,
    form: str,
    **given: Any,  # noqa: ANN401 - click gives what `Question` declares
) -> None:
    r"""Run a container's own command here, as PID 1 of a PID namespace, and stop it as Kubernetes would.

    Requests are in flight when it is told to stop; then come the pre-stop hook, the stop signal and SIGKILL. What was
    predicted stands beside what happened. It is your command, with your rights and your files: no limits, no volumes.

    \b
    Exit status:
      0  nothing was lost
      1  a request was cut, or SIGKILL was needed
      2  the input or this machine does not allow it
      3  Gracekeeper itself failed
    """
    # Listing the verbs imports this module, on systems too where there is nothing to drill with.
    from gracekeeper.drill.plan import Asked, plan_of  # noqa: PLC0415
    from gracekeeper.drill.play import play  # noqa: PLC0415

    question = Question(**given, now=today())
    timeline = _container(_workload(question, workload), container)
    if path is not None and not path.startswith("/"):
        raise click.BadParameter(f"{path} is no path, expected one such as /slow.", param_hint="--request")
    plan = plan_of(timeline, occasion, Asked(path, concurrency, hold), os.environ)
    observed = play(plan, _tell)
    write(_report(form, plan, observed, style_of(sys.stdout, no_color=no_color)))
    click.get_current_context().exit(_LOSES if observed.loses else 0)


def _report(form: str, plan: Plan, observed: Observed, style: Style) -> str:
    match form:
        case "json":
            from gracekeeper.reports.drill_json import drill_json  # noqa: PLC0415 - only the form that is asked for

            return drill_json(plan, observed)
        case "html":
            from gracekeeper.reports.html.drill import drill_html  # noqa: PLC0415

            return drill_html(plan, observed)
    from gracekeeper.reports.drill import drill_text  # noqa: PLC0415

    return drill_text(plan, observed, style)


def _workload(question: Question, name: str | None) -> Judged:
    files = PolicyFiles((), RULES, question.namespace)
    question = replace(question, exclude=(*question.exclude, *files.exclude))
    report = judged(question, structs.replace(NOTHING_JUDGED, pod_templates=files.pod_templates), listed=files.images)
    tell_problems(report)
    if report.problems:
        raise InputError("some of the input could not be read.")
    found = chosen(report.verdict.judged, name)
    if len(found) != 1:
        names = ", ".join(f"{each.identity.kind}/{each.identity.name}" for each in found)
        raise InputError(
            f"the input holds {len(found)} workloads ({names})." if found else "the input holds no workload.",
            "--workload KIND/NAME says which is meant." if found else "",
        )
    return found[0]


def _container(judged: Judged, name: str | None) -> Timeline:
    serving = [timeline for timeline in judged.timelines if timeline.container.serves]
    names = ", ".join(timeline.container.name for timeline in serving)
    if name is not None:
        found = [timeline for timeline in serving if timeline.container.name == name]
        if not found:
            raise InputError(f"{judged.identity} has no container {name} that runs for its pod's life: {names}.")
        return found[0]
    of_requests = [timeline for timeline in serving if timeline.process.serves_requests]
    main = [timeline for timeline in serving if timeline.container.role is Role.MAIN]
    for candidates in (of_requests, main):
        if len(candidates) == 1:
            return candidates[0]
    raise InputError(f"{judged.identity} has {len(serving)} containers ({names}).", "--container NAME says which.")


def _tell(what: str) -> None:
    if sys.stderr.isatty():
        click.echo(what, err=True)
