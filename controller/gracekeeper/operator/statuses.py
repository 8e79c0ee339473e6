"""What is said in the `status` of policies and exceptions. Every replica comes to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.operator.admission import WORKLOADS
from gracekeeper.policyfiles.status import Condition, ExceptionStatus, LastGood, PolicyStatus
from gracekeeper_policies.application import MODE_LABEL, MODES
from gracekeeper_policies.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gracekeeper.operator.policy_objects import Held
    from gracekeeper.settings import ExtraKind
    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.policy import GracePolicy, PodTemplate

IN_FORCE: Final = "InForce"
KINDS_REVIEWED: Final = "KindsReviewed"
NAMESPACE_MODES: Final = "NamespaceModes"

_TOLD: Final = 5
"""How many of many are told; a status is read on one screen."""


class Namespaces(Struct, frozen=True):
    """The labels of all namespaces, by name."""

    labels: Mapping[str, Mapping[str, str]]

    def meant_by(self, policy: GracePolicy) -> list[str]:
        """Those that a policy means."""
        if policy.match.namespace_selector is None:
            return list(self.labels)
        neighbours = Neighbours(namespaces=self.labels, complete=True)
        return [name for name in self.labels if policy.match.means_namespace(name, neighbours)]

    def in_no_mode(self, policy: GracePolicy) -> list[str]:
        """Those among them that choose a mode which does not exist."""
        return sorted(name for name in self.meant_by(policy) if self.labels[name].get(MODE_LABEL, "off") not in MODES)


def policy_status(
    held: Held[GracePolicy], namespaces: Namespaces, extra: Sequence[ExtraKind], now: datetime
) -> PolicyStatus:
    """What became of a policy: whether it is in force, and whom it means; `extra` are the kinds of the settings."""
    policy = held.reading
    conditions = [_in_force(held, now)]
    if policy is not None:
        conditions += _of_kinds(held, policy, extra, now)
        conditions += _of_modes(held, policy, namespaces, now)
    return PolicyStatus(
        observed_generation=held.now.generation,
        conditions=tuple(conditions),
        last_good=_last_good(held),
        namespaces=len(namespaces.meant_by(policy)) if policy else None,
        resources=tuple(_resources(policy, extra)) if policy else None,
    )


def exception_status(held: Held[GraceException], now: datetime) -> ExceptionStatus:
    """What became of an exception: whether it is in force."""
    exception = held.reading
    expired = exception is not None and exception.expires < now.date()
    return ExceptionStatus(
        observed_generation=held.now.generation,
        conditions=(_expired(held, exception, now) if expired and exception else _in_force(held, now),),
        last_good=_last_good(held),
    )


def _in_force(held: Held[GracePolicy] | Held[GraceException], now: datetime) -> Condition:
    if not held.complaints:
        message = f"Generation {held.now.generation} is in force."
        return _condition(held, IN_FORCE, now, holds=True, reason="Read", message=message)
    stays = f"Generation {held.good.generation} stays in force" if held.good else "Nothing of it is in force"
    why = f"generation {held.now.generation} cannot be read: {_listed(held.sentences, '; ')}"
    return _condition(held, IN_FORCE, now, holds=False, reason="Refused", message=f"{stays}, since {why}")


def _expired(held: Held[GraceException], exception: GraceException, now: datetime) -> Condition:
    message = f"Its last day was {exception.expires}: it silences nothing."
    return _condition(held, IN_FORCE, now, holds=False, reason="Expired", message=message)


def _of_kinds(
    held: Held[GracePolicy], policy: GracePolicy, extra: Sequence[ExtraKind], now: datetime
) -> Iterator[Condition]:
    if not policy.pod_templates:
        return
    unsent = [spelled(each) for each in unreviewed(policy.pod_templates, extra)]
    message = (
        f"The API server asks about none of {_listed(unsent, ', ')}: --extra-kinds names no such kind."
        if unsent
        else "The API server asks about all kinds that the policy adds."
    )
    reason = "NotSent" if unsent else "Sent"
    yield _condition(held, KINDS_REVIEWED, now, holds=not unsent, reason=reason, message=message)


def _of_modes(
    held: Held[GracePolicy], policy: GracePolicy, namespaces: Namespaces, now: datetime
) -> Iterator[Condition]:
    if not policy.allow_namespace_mode:
        return
    lost = namespaces.in_no_mode(policy)
    message = (
        f"Namespaces choose a mode that does not exist, so the policy's own holds: {_listed(lost, ', ')}."
        if lost
        else "Every namespace that chooses a mode chooses one that exists."
    )
    reason = "Unknown" if lost else "Known"
    yield _condition(held, NAMESPACE_MODES, now, holds=not lost, reason=reason, message=message)


def unreviewed(templates: Sequence[PodTemplate], extra: Sequence[ExtraKind]) -> list[PodTemplate]:
    """The kinds that a policy adds and no setting sends; only the group is compared, since settings name resources."""
    groups = {each.group for each in extra}
    return [each for each in templates if each.group not in groups]


def spelled(template: PodTemplate) -> str:
    """`WebApp.apps.example.com`."""
    return f"{template.kind}.{template.group}".rstrip(".")


def _resources(policy: GracePolicy, extra: Sequence[ExtraKind]) -> Iterator[str]:
    kinds = policy.match.kinds
    yield from (f"{plural}.{group}".rstrip(".") for group, plural, kind in WORKLOADS if not kinds or kind in kinds)
    plurals = {_plural(kind) for kind in kinds}
    yield from (f"{each.resource}.{each.group}" for each in extra if not kinds or each.resource in plurals)


def _plural(kind: str) -> str:
    """A kind's resource, as `UnsafeGuessKindToResource` of Kubernetes' apimachinery guesses it."""
    name = kind.lower()
    if name.endswith("s"):
        return f"{name}es"
    return f"{name.removesuffix('y')}ies" if name.endswith("y") else f"{name}s"


def _last_good(held: Held[GracePolicy] | Held[GraceException]) -> LastGood | None:
    if held.good is None or not held.complaints:
        return None
    spec = held.good.document.values.get("spec")
    return LastGood(generation=held.good.generation, spec=spec if isinstance(spec, dict) else {})


def _condition(
    held: Held[GracePolicy] | Held[GraceException], kind: str, now: datetime, *, holds: bool, reason: str, message: str
) -> Condition:
    status: Final = "True" if holds else "False"
    before = next((each for each in held.now.conditions if each.get("type") == kind), {})
    since = str(before.get("lastTransitionTime")) if before.get("status") == status else f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return Condition(
        type=kind,
        status=status,
        observed_generation=held.now.generation,
        last_transition_time=since,
        reason=reason,
        message=message,
    )


def _listed(texts: Sequence[str], between: str) -> str:
    rest = f" and {len(texts) - _TOLD} more" if len(texts) > _TOLD else ""
    return between.join(texts[:_TOLD]) + rest
