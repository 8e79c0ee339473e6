"""What the operator is told from outside: each setting is one field, with its type, its default and the reason for it.

The unit stands in the name. Flag, environment variable, Helm value and the row in docs/settings.md derive from the
field. They are read once, where the operator starts; a flag comes before the environment, and that before the default.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gracekeeper.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from pydantic_core import ErrorDetails

PREFIX: Final = "GRACEKEEPER_"


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _listed(value: object) -> object:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


class ExtraKind(BaseModel, frozen=True):
    """A further kind that is judged, as kubectl names it: `rollouts.v1alpha1.argoproj.io`."""

    resource: str = Field(min_length=1)
    version: str = Field(min_length=1)
    group: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        resource, version, group = (*value.split(".", 2), "", "")[:3]
        if not (resource and version and group):
            raise ValueError(f"{value!r} is not spelled RESOURCE.VERSION.GROUP, as rollouts.v1alpha1.argoproj.io is")
        return {"resource": resource, "version": version, "group": group}

    def __str__(self) -> str:
        """As kubectl spells it."""
        return f"{self.resource}.{self.version}.{self.group}"


class HelmValue(str):
    """Where the chart takes a setting from, if not from `settings`; empty if the chart itself knows it."""

    __slots__ = ()


Address: TypeAlias = Annotated[str, AfterValidator(_address)]
Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
Seconds: TypeAlias = Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)]
Delay: TypeAlias = Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]


class OperatorSettings(BaseSettings):
    """All settings of `gracekeeper operator`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    webhook_address: Annotated[
        Address,
        Field(description="The API server calls from outside the pod, so reviews are heard on every address."),
    ] = "0.0.0.0"  # noqa: S104 - a pod's port is closed by its NetworkPolicy, not by its address
    webhook_port: Annotated[
        Port, Field(description="A port that needs no privilege to bind; the Service maps 443 to it.")
    ] = 8443
    operations_address: Annotated[
        Address, Field(description="The kubelet probes and Prometheus scrapes the pod's own address.")
    ] = "0.0.0.0"  # noqa: S104 - as above
    operations_port: Annotated[
        Port, Field(description="Probes and metrics stand apart from reviews: neither delays or hides the other.")
    ] = 8080
    certificate_source: Annotated[
        Literal["files", "self-managed"],
        HelmValue("certificates.source"),
        Field(
            description="`self-managed` keeps a CA of its own and needs nothing else in the cluster; `files` reads "
            "what cert-manager or a Secret of yours has mounted."
        ),
    ] = "self-managed"
    certificate_folder: Annotated[
        Path, HelmValue(""), Field(description="Where `files` finds tls.crt, tls.key and, if there is one, ca.crt.")
    ] = Path("/etc/gracekeeper/tls")
    certificate_secret: Annotated[
        Name,
        HelmValue("certificates.secretName"),
        Field(description="Where `self-managed` keeps CA and certificate, so that all replicas show the same."),
    ] = "gracekeeper-tls"  # noqa: S105 - a name, no secret
    certificate_hosts: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_listed),
        HelmValue("webhook.url"),
        Field(
            description="Names and addresses that a `self-managed` certificate bears besides the Service's, for an API "
            "server that calls by URL."
        ),
    ] = ()
    service_name: Annotated[
        Name,
        HelmValue("fullnameOverride"),
        Field(description="The certificate names the Service by which the API server calls."),
    ] = "gracekeeper"
    namespace: Annotated[
        Name, HelmValue(""), Field(description="The operator's own namespace, where its Service and Secret are.")
    ] = "gracekeeper"
    webhook_configuration: Annotated[
        Name,
        HelmValue("fullnameOverride"),
        Field(description="The ValidatingWebhookConfiguration whose caBundle `self-managed` keeps up to date."),
    ] = "gracekeeper"
    max_body_mib: Annotated[
        int,
        Field(ge=1, le=64, description="A review carries two objects of up to 1.5 MiB; more is refused unread."),
    ] = 16
    read_timeout_seconds: Annotated[
        Seconds,
        Field(description="An API server sends a review at once; who dribbles it holds a connection for nothing."),
    ] = 3
    review_timeout_seconds: Annotated[
        Seconds,
        Field(description="Below the webhook's own timeout, so that we decide what happens then, and count it."),
    ] = 4
    on_internal_error: Annotated[
        Literal["allow", "deny"],
        Field(
            description="Our own mistake does not stop anybody's rollout; `deny` prefers that nothing passes unjudged."
        ),
    ] = "allow"
    endpoint_delay_seconds: Annotated[
        Delay,
        Field(
            description="After SIGTERM the port still answers, until every API server knows that this replica is gone."
        ),
    ] = 10
    drain_seconds: Annotated[
        Delay, Field(description="Reviews that run when the port closes get this long to finish.")
    ] = 5
    default_policy: Annotated[
        Path | None,
        HelmValue("policy"),
        Field(
            description="The policy file in force while there is no GracePolicy; without it, the built-in one warns."
        ),
    ] = None
    controller_users: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_listed),
        Field(
            description="Pods whose owner was judged pass, but only from these users: ownerReferences can be forged."
        ),
    ] = ("system:serviceaccount:kube-system:*-controller", "system:kube-controller-manager")
    extra_kinds: Annotated[
        tuple[ExtraKind, ...],
        NoDecode,
        BeforeValidator(_listed),
        HelmValue("kinds"),
        Field(description="Kinds of other projects that carry a pod template; only what is installed can be watched."),
    ] = ()
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="`info` tells of starts, stops, certificates and policies; `debug` adds a line per review."),
    ] = "info"
    log_format: Annotated[
        Literal["json", "console"], Field(description="Log collectors read JSON; people at a terminal do not.")
    ] = "json"

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.webhook_port == self.operations_port:
            raise ValueError(
                f"webhook_port and operations_port are both {self.webhook_port}; one of them cannot listen"
            )
        return self


def read(flags: Mapping[str, object]) -> OperatorSettings:
    """The settings as flags, given by the names of their fields, and environment say.

    Raises:
        ConfigurationError: a setting does not hold what it takes; all such settings are told at once.
    """
    try:
        return OperatorSettings(**flags)  # type: ignore[arg-type]
    except ValidationError as error:
        told = "; ".join(_complaint(each, flags) for each in error.errors(include_url=False))
        raise ConfigurationError(f"{told}.") from None


def flag(name: str) -> str:
    """The flag of a field: `--webhook-port`."""
    return f"--{name.replace('_', '-')}"


def variable(name: str) -> str:
    """The environment variable of a field: `GRACEKEEPER_WEBHOOK_PORT`."""
    return f"{PREFIX}{name.upper()}"


def helm_value(name: str) -> str:
    """The Helm value of a field: `settings.webhookPort`; empty for what the chart itself knows."""
    for each in OperatorSettings.model_fields[name].metadata:
        if isinstance(each, HelmValue):
            return each
    first, *further = name.split("_")
    return f"settings.{first}{''.join(word.capitalize() for word in further)}"


def _complaint(error: ErrorDetails, flags: Mapping[str, object]) -> str:
    told = _EXPECTED.get(error["type"])
    message = (
        f"expected {told.format(**error.get('ctx', {}))}, found {error['input']}"
        if told
        else error["msg"].removeprefix("Value error, ")
    )
    if not error["loc"]:
        return message
    name = str(error["loc"][0]).lower()
    return f"{flag(name) if name in flags else variable(name)}: {message}"


_EXPECTED: Final = {
    "float_parsing": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "string_pattern_mismatch": "the name of an object",
    "string_too_long": "the name of an object",
    "string_too_short": "a name",
}
