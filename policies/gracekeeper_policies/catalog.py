"""The ordered list of rules. A rule is added by its file and by one line here; a test compares the two."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from gracekeeper_policies.rule import Rule

if TYPE_CHECKING:
    from gracekeeper_policies.rule import RuleModule

_NAMES: Final = (
    "shutdown.grace_period_too_short",
    "shutdown.grace_period_zero",
    "shutdown.stop_signal_not_delivered",
    "shutdown.stop_signal_ignored",
    "shutdown.stop_signal_mismatch",
    "shutdown.server_cannot_drain",
    "shutdown.shutdown_unbounded",
    "shutdown.drain_delay_missing",
    "shutdown.drain_delay_exceeds_grace",
    "shutdown.pre_stop_ineffective",
    "shutdown.request_outlives_drain",
    "shutdown.task_outlives_grace",
    "shutdown.development_server",
    "shutdown.background_process_unsupervised",
    "probes.readiness_probe_missing",
    "probes.liveness_probe_missing",
    "probes.liveness_same_as_readiness",
    "probes.probe_port_mismatch",
    "probes.server_bound_to_loopback",
    "probes.service_port_mismatch",
    "probes.exec_probe_too_slow",
    "probes.startup_outlives_liveness",
    "probes.probe_shares_sole_worker",
    "probes.probe_host_set",
    "probes.probe_timeout_exceeds_period",
    "probes.probe_port_name_unknown",
    "resources.memory_limit_missing",
    "resources.memory_request_missing",
    "resources.cpu_request_missing",
    "resources.cpu_limit_missing",
    "resources.memory_request_below_limit",
    "resources.request_exceeds_limit",
    "resources.workers_exceed_memory",
    "resources.workers_exceed_cpu",
    "resources.worker_count_from_node",
    "resources.ephemeral_storage_limit_missing",
    "security.run_as_root",
    "security.non_root_unverifiable",
    "security.privileged_container",
    "security.host_namespace_shared",
    "security.host_path_mounted",
    "security.host_port_used",
    "security.capability_added",
    "security.unsafe_proc_mount",
    "security.unsafe_sysctl",
    "security.seccomp_unconfined",
    "security.apparmor_unconfined",
    "security.selinux_options_custom",
    "security.windows_host_process",
    "security.privilege_escalation_allowed",
    "security.capabilities_not_dropped",
    "security.seccomp_profile_missing",
    "security.volume_type_restricted",
    "security.root_filesystem_writable",
    "security.temp_directory_missing",
    "security.service_account_token_mounted",
    "images.image_tag_mutable",
    "images.image_not_pinned",
    "images.musl_python_image",
    "images.python_version_unsupported",
    "runtime.secret_in_plain_env",
    "runtime.debug_mode_enabled",
    "runtime.output_buffered",
    "runtime.dependencies_installed_at_start",
    "runtime.migrations_at_start",
    "runtime.environment_variable_duplicated",
    "runtime.service_variable_collision",
    "runtime.required_env_missing",
    "runtime.thread_pools_unbounded",
    "jobs.job_unbounded",
    "availability.scheduler_not_single",
    "availability.rollout_drops_capacity",
    "availability.single_replica",
    "availability.disruption_budget_missing",
    "availability.disruption_budget_blocks",
    "hygiene.exception_expired",
    "hygiene.exception_ends_soon",
    "hygiene.exception_unused",
    "hygiene.exemption_without_reason",
    "hygiene.configuration_unseen",
)


def _rule(name: str) -> Rule:
    return Rule(cast("RuleModule", import_module(f"gracekeeper_policies.rules.{name}")))


RULES: Final[tuple[Rule, ...]] = tuple(map(_rule, _NAMES))
"""Every rule, in the order of the catalogue."""
