"""Options that several verbs take, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gracekeeper.sources.exclusion import Globs, globs
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import ImageReference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from gracekeeper.images.platforms import Platform
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


def _platform(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Platform | None:
    if text is None:
        return None
    from gracekeeper.images.platforms import Platform  # noqa: PLC0415 - few runs name one

    platform = Platform.parse(text)
    if platform is None:
        raise click.BadParameter(f"{text} is no platform, expected one such as linux/arm64.")
    return platform


def _dockerfiles(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[ImageReference, str], ...]:
    return tuple(map(_named, texts))


def _named(text: str) -> tuple[ImageReference, str]:
    image, equals, path = text.partition("=")
    name = ImageReference.parse(image)
    if name is None or not equals or not path:
        raise click.BadParameter(f"{text}: expected IMAGE=PATH, such as example.com/shop/web=web/Dockerfile.")
    return name, path


def _archives(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[ImageReference | None, str], ...]:
    return tuple(_archive(text) for text in texts)


def _archive(text: str) -> tuple[ImageReference | None, str]:
    image, equals, path = text.partition("=")
    name = ImageReference.parse(image) if equals and path and not Path(text).exists() else None
    return (name, path) if name else (None, text)


def _roots(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(_root(text) for text in texts)


def _root(text: str) -> tuple[str, str]:
    image, equals, path = text.partition("=")
    names = bool(equals and path) and ImageReference.parse(image) is not None and not Path(text).exists()
    return (path, image) if names else (text, "")


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
DOCKERFILE: Final = click.option(
    "--dockerfile",
    "dockerfiles",
    metavar="IMAGE=PATH",
    multiple=True,
    callback=_dockerfiles,
    help="What IMAGE is built from, every tag of it if it names none; repeatable. [default: what gracekeeper.yaml, "
    "Compose and Skaffold files of the repository say, else the Dockerfile in a folder of the image's name]",
)
IMAGE_ARCHIVE: Final = click.option(
    "--image-archive",
    "archives",
    metavar="[IMAGE=]PATH",
    multiple=True,
    callback=_archives,
    help="Image that was saved: an OCI layout (folder or tar file) or the file of docker save or podman save. It says "
    "which image it is; IMAGE= says otherwise. Repeatable.",
)
SOURCE_ROOT: Final = click.option(
    "--source-root",
    "roots",
    metavar="[IMAGE=]DIR",
    multiple=True,
    callback=_roots,
    help="Folder that an image is built from, where no Dockerfile tells: its scripts and settings count as those where "
    "the image starts. Without IMAGE= what follows from them is only suspected. Repeatable.",
)
PLATFORM: Final = click.option(
    "--platform",
    metavar="OS/ARCH",
    callback=_platform,
    help="Which of several images for several platforms is meant. [default: linux/amd64, or the only one]",
)
_IMAGES: Final = (PLATFORM, SOURCE_ROOT, IMAGE_ARCHIVE, DOCKERFILE)
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
    common = (NO_COLOR, ALLOW_EMPTY, KUBERNETES_VERSION, NAMESPACE)
    return _with(verb, *common, *_IMAGES, KUSTOMIZE, *chart, EXCLUDE, PATHS)


def judging(verb: F) -> F:
    """Give a verb what decides how manifests are read, wherever they are."""
    return _with(verb, NO_COLOR, ALLOW_EMPTY, KUBERNETES_VERSION, NAMESPACE, *_IMAGES, EXCLUDE)


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


def threshold(fail_on: str) -> Severity | None:
    """The least severity that fails; None where none does."""
    return _FAIL_ON.get(fail_on)


def fails(rulings: Iterable[Ruling], fail_on: str) -> bool:
    """Whether one of these findings weighs as much as `--fail-on` says."""
    least = threshold(fail_on)
    return least is not None and any(ruling.severity >= least for ruling in rulings)


def _with(verb: F, *options: Callable[[F], F]) -> F:
    for option in options:
        verb = option(verb)
    return verb
