"""Options that several verbs take, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from gracekeeper.sources.exclusion import Globs, globs
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

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


def reading(verb: F) -> F:
    """Give a verb what every verb that reads manifests takes."""
    chart = (HELM_DEPENDENCIES, SET, VALUES, HELM)
    for option in (NO_COLOR, ALLOW_EMPTY, KUBERNETES_VERSION, NAMESPACE, KUSTOMIZE, *chart, EXCLUDE, PATHS):
        verb = option(verb)
    return verb
