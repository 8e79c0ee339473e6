"""The ordered list of rules. A rule is added by its file and by one line here; a test compares the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.rule import Rule
from gracekeeper_policies.rules.images import image_tag_mutable
from gracekeeper_policies.rules.probes import (
    liveness_same_as_readiness,
    probe_port_mismatch,
    readiness_probe_missing,
    server_bound_to_loopback,
    service_port_mismatch,
    startup_outlives_liveness,
)
from gracekeeper_policies.rules.resources import (
    cpu_request_missing,
    memory_limit_missing,
    memory_request_missing,
    workers_exceed_memory,
)
from gracekeeper_policies.rules.security import privilege_escalation_allowed, run_as_root
from gracekeeper_policies.rules.shutdown import (
    drain_delay_exceeds_grace,
    drain_delay_missing,
    grace_period_too_short,
    grace_period_zero,
    shutdown_unbounded,
    stop_signal_ignored,
    stop_signal_not_delivered,
    task_outlives_grace,
)

if TYPE_CHECKING:
    from gracekeeper_policies.rule import RuleModule

_MODULES: Final[tuple[RuleModule, ...]] = (
    grace_period_too_short,
    grace_period_zero,
    stop_signal_not_delivered,
    stop_signal_ignored,
    shutdown_unbounded,
    drain_delay_missing,
    drain_delay_exceeds_grace,
    task_outlives_grace,
    readiness_probe_missing,
    liveness_same_as_readiness,
    probe_port_mismatch,
    server_bound_to_loopback,
    service_port_mismatch,
    startup_outlives_liveness,
    memory_limit_missing,
    memory_request_missing,
    cpu_request_missing,
    workers_exceed_memory,
    run_as_root,
    privilege_escalation_allowed,
    image_tag_mutable,
)

RULES: Final[tuple[Rule, ...]] = tuple(Rule(module) for module in _MODULES)
"""Every rule, in the order of the catalogue."""
