"""The report of a drill as one page for a browser, which runs nothing."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gracekeeper.reports.drill import beginning, details, stopped
from gracekeeper.reports.drill_verdict import compared, differences, happened
from gracekeeper.reports.html.templates import content_security_policy, environment
from gracekeeper.reports.html.timelines import drawn
from gracekeeper.reports.picture import elided
from gracekeeper.reports.shutdown import stopping
from gracekeeper.reports.style import one_line

if TYPE_CHECKING:
    from gracekeeper.drill.observed import Observed
    from gracekeeper.drill.plan import Plan
    from gracekeeper.reports.html.timelines import Drawn


def drill_html(plan: Plan, observed: Observed) -> str:
    """Write a drill as one page."""
    workload, found = plan.timeline.container.workload, differences(plan, observed)
    told = workload.elision
    page = environment().get_template("drill.html")
    return page.render(
        csp=content_security_policy(),
        version=version("gracekeeper"),
        title=f"Drill of {one_line(str(workload.identity))}",
        identity=workload.identity,
        file=workload.document.origin,
        container=one_line(plan.timeline.container.name),
        command=told(one_line(" ".join(plan.surroundings.words))),
        beginning=told(beginning(plan, observed)),
        notes=[told(one_line(note)) for note in plan.notes],
        timelines=_timelines(plan, observed),
        happened=happened(plan, observed),
        compared=told(compared(plan, observed, found)),
        details={name: told(text) for name, text in details(plan, observed).items()},
        loses=observed.loses,
        differs=bool(found),
    )


def _timelines(plan: Plan, observed: Observed) -> tuple[Drawn, ...]:
    pictures = {"Predicted": stopping(plan.timeline, plan.stop), "Observed": stopped(plan, observed)}
    seconds, told = max(each.seconds for each in pictures.values()), plan.timeline.container.workload.elision
    return tuple(
        drawn(name, elided(replace(each, seconds=seconds), told), at_once=True) for name, each in pictures.items()
    )
