"""What the operator says of a policy or an exception in its `status`: what of it is in force, and whom it means."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Told(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True, defer_build=True)


class Condition(_Told):
    """A condition, as Kubernetes has them."""

    type: str = Field(description="What is said: InForce, KindsReviewed or NamespaceModes.")
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    observed_generation: int = Field(description="The generation of the object that this is said of.")
    last_transition_time: str = Field(
        description="When the condition last changed.", json_schema_extra={"format": "date-time"}
    )
    reason: str = Field(description="Why, in one word.")
    message: str = Field(description="Why, in sentences.")


class LastGood(_Told):
    """What stays in force while what is written now cannot be read."""

    generation: int = Field(description="The generation that it was written in.")
    spec: dict[str, object] = Field(description="What was written then.")


class ExceptionStatus(_Told):
    """What became of an exception. The operator writes it; every replica comes to the same."""

    observed_generation: int = Field(description="The generation of the object that this is said of.")
    conditions: tuple[Condition, ...] = Field(description="Whether it is in force, and if not, why.")
    last_good: LastGood | None = Field(
        default=None, description="What stays in force while what is written now cannot be read."
    )


class PolicyStatus(ExceptionStatus):
    """What became of a policy. The operator writes it; every replica comes to the same."""

    namespaces: int | None = Field(default=None, description="How many namespaces it means.")
    resources: tuple[str, ...] | None = Field(
        default=None, description="What the API server asks about under it, as kubectl names it: deployments.apps."
    )
