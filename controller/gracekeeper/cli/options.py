"""Options that several verbs take, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from gracekeeper.sources.exclusion import Globs, globs
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.policy import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from gracekeeper_policies.verdict import Ruling

    F = TypeVar("F", bound=Callable[..., Any])


def _version(_context: click.Context, _parameter: click.Parameter, text: str) -> KubernetesVersion:
    try:
        return KubernetesVersion.parse(text)
    except ValueError as error:
        raise click.BadParameter(f"{text}: {error}.") from error


def _excludes(_context: click.Context, _parameter: click.Parameter, patterns: tuple[str, ...]) -> tuple[Globs, ...]:
    try:
        return (globs(patterns, ".", "excluded by --exclude"),) if patterns else ()
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


PATHS: Final = click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
EXCLUDE: Final = click.option(
    "--exclude",
    metavar="GLOB",
    multiple=True,
    callback=_excludes,
    help="Leave these out of directories, as a line in a .gitignore would; repeatable. What git ignores is left out "
    "anyway; a file that is named as PATH never is.",
)
NAMESPACE: Final = click.option(
    "--namespace", metavar="NAME", default="default", show_default=True, help="Namespace of objects that name none."
)
KUBERNETES_VERSION: Final = click.option(
    "--kubernetes-version",
    metavar="VERSION",
    callback=_version,
    default=str(ASSUMED),
    show_default=True,
    help="Version of the cluster: it decides which fields count.",
)
NO_COLOR: Final = click.option("--no-color", is_flag=True, help="No colours; so does NO_COLOR in the environment.")
ALLOW_EMPTY: Final = click.option("--allow-empty", is_flag=True, help="Accept input without a single document.")
HELM: Final = click.option("--helm", metavar="CHART", help="Render this Helm chart, a folder or a .tgz, and judge it.")
VALUES: Final = click.option(
    "--values",
    metavar="FILE",
    multiple=True,
    type=click.Path(),
    help="Values for --helm; repeatable, the last one wins.",
)
SET: Final = click.option(
    "--set", "sets", metavar="KEY=VALUE", multiple=True, help="A value for --helm, after all --values; repeatable."
)
HELM_DEPENDENCIES: Final = click.option(
    "--helm-dependencies", is_flag=True, help="Let Helm fetch the charts that --helm depends on and that are missing."
)
KUSTOMIZE: Final = click.option(
    "--kustomize",
    metavar="DIR",
    multiple=True,
    help="Build this overlay by kustomize or kubectl and judge it; repeatable.",
)


POLICY: Final = click.option(
    "--policy",
    "policies",
    type=click.Path(),
    multiple=True,
    metavar="FILE",
    help="File with policies and exceptions; repeatable. [default: gracekeeper.yaml here or in a folder above, "
    "else the built-in policy]",
)
PROFILE: Final = click.option(
    "--profile",
    type=click.Choice([each.label for each in Profile]),
    help="How much is asked, whatever the policies say: what is broken, what production needs, hardening. "
    "[default: what the policies say, else standard]",
)
_NEVER: Final = "never"
_FAIL_ON: Final = {severity.label: severity for severity in sorted(Severity, reverse=True)}


def reading(verb: F) -> F:
    """Give a verb what every verb that reads manifests at paths takes."""
    chart = (HELM_DEPENDENCIES, SET, VALUES, HELM)
    return _with(verb, NO_COLOR, ALLOW_EMPTY, KUBERNETES_VERSION, NAMESPACE, KUSTOMIZE, *chart, EXCLUDE, PATHS)


def judging(verb: F) -> F:
    """Give a verb what decides how manifests are read, wherever they are."""
    return _with(verb, NO_COLOR, ALLOW_EMPTY, KUBERNETES_VERSION, NAMESPACE, EXCLUDE)


def policies(verb: F) -> F:
    """Give a verb what says by which rules it judges."""
    return _with(verb, PROFILE, POLICY)


def fail_on(verb: F) -> F:
    """Give a verb the threshold of its exit status."""
    option = click.option(
        "--fail-on",
        type=click.Choice([*_FAIL_ON, _NEVER]),
        default="error",
        show_default=True,
        help="Least severity that makes the exit status 1.",
    )
    return _with(verb, option)


def fails(rulings: Iterable[Ruling], threshold: str) -> bool:
    """Whether one of these findings weighs as much as `--fail-on` says."""
    return threshold != _NEVER and any(ruling.severity >= _FAIL_ON[threshold] for ruling in rulings)


def _with(verb: F, *options: Callable[[F], F]) -> F:
    for option in options:
        verb = option(verb)
    return verb
