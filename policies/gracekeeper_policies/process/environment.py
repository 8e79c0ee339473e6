"""The environment a container really has: manifest, ConfigMaps and image, expanded as the kubelet does.

Order and expansion follow `pkg/kubelet/kubelet_pods.go` and `third_party/forked/golang/expansion`: image, then envFrom
in order, then env in order; a value sees what came before it; command and args see the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.provenance import Absent, Known, Unknown
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper_policies import podspec
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.image import ImageConfig

_REFERENCE: Final = re.compile(r"\$\$|\$\(([^)]*)\)")
_SERVICE_LINK: Final = re.compile(r"[A-Z0-9_]+_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP)\w*)?)\Z")
_SET_AT_START: Final = re.compile(
    rf"(?:{_SERVICE_LINK.pattern}|(?:HOME|HOSTNAME|PATH|TERM|LOGNAME|MAIL|USER|PWD|OLDPWD|SHLVL|_|IFS|PS\d|OPT\w+|E?UID|PPID"
    r"|GROUPS|RANDOM|SRANDOM|SECONDS|LINENO|EPOCH\w+|BASH\w*|FUNC\w+|DIRSTACK|PIPESTATUS|HIST\w+|\w+TYPE|KUBERNETES_\w+)\Z)"
)
"""What the runtime, the kubelet or the shell itself sets."""

Variable: TypeAlias = Known[str] | Unknown
Lookup: TypeAlias = Callable[[str], Variable | None]


class Environment(Struct, frozen=True):
    """Variables by name.

    `unseen` names, in words, the sources that could set any further variable; `is_complete` says that nothing else sets
    any, the image included.
    """

    variables: Mapping[str, Variable]
    unseen: tuple[str, ...] = ()
    is_complete: bool = False

    def get(self, name: str) -> Variable | Absent | None:
        """What a shell finds under a name; None where nothing in sight sets it."""
        found = self.variables.get(name)
        if found is not None or not self.is_complete or _SET_AT_START.match(name):
            return found
        return Absent()

    def lookup(self, name: str) -> Variable | None:
        """What `$(name)` stands for; None where nothing sets it and nothing unseen could."""
        if name in self.variables:
            return self.variables[name]
        if _SERVICE_LINK.match(name):
            return Unknown(f"{name} comes from a Service")
        return Unknown(f"{name} may come from {self.unseen[0]}") if self.unseen else None


def expand(text: str, lookup: Lookup) -> tuple[str, str]:
    """Expand `$(NAME)`; return the text and, where a part could not be told, why.

    `$$` gives one `$`, an undefined name stays as it is written, and so does an unclosed `$(`.
    """
    if "$" not in text:
        return text, ""
    unknown: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        variable = lookup(match[1])
        if isinstance(variable, Unknown):
            unknown.append(variable.reason)
        return variable.value if isinstance(variable, Known) else match[0]

    return _REFERENCE.sub(replaced, text), "; ".join(dict.fromkeys(unknown))


def environment_of(container: Container, image: ImageConfig | Unknown) -> Environment:
    """Lay the container's sources of variables over each other."""
    entries = container.spec.env
    if isinstance(image, Unknown) and not (container.spec.env_from or any(map(_reads_config_map, entries))):
        return _of_entries(entries, container.path)
    variables = {} if isinstance(image, Unknown) else dict(_of_image(image, container))
    unseen: list[str] = []
    for source in container.spec.env_from:
        _add_source(source, container, variables, unseen)
    told = _with_entries(
        variables, tuple(dict.fromkeys(unseen)), entries, container.path, partial(_config_map, container)
    )
    return told if unseen or not _tells_all(image, container) else replace(told, is_complete=True)


def _tells_all(image: ImageConfig | Unknown, container: Container) -> bool:
    if isinstance(image, Unknown) or image.environment_doubt:
        return False
    return not (image.doubt and container.spec.command)


def _of_image(image: ImageConfig, container: Container) -> Iterator[tuple[str, Variable]]:
    # Where the command is the image's too, it carries the doubt already.
    doubt = f"an image that may be another: {image.doubt}" if image.doubt and container.spec.command else ""
    for name, value in image.environment.items():
        source = image.source(f"environment.{name}")
        if isinstance(value, Unknown):
            yield name, value
        else:
            yield name, Unknown(f"{name} comes from {doubt}") if doubt else Known(value, source)


def _reads_config_map(entry: podspec.EnvVar) -> bool:
    return entry.value_from is not None and entry.value_from.config_map_key_ref is not None


@remembered(ALIKE)
def _of_entries(entries: tuple[podspec.EnvVar, ...], path: Path) -> Environment:
    """Entries that depend on nothing else make the same environment in every workload."""
    return _with_entries({}, (), entries, path, lambda _: None)


def _with_entries(
    variables: dict[str, Variable],
    unseen: tuple[str, ...],
    entries: Iterable[podspec.EnvVar],
    path: Path,
    config_map: Callable[[str], Mapping[str, str] | None],
) -> Environment:
    environment = Environment(variables, unseen)
    for number, entry in enumerate(entries):
        # An entry sees only what stands above it: the mapping grows as the entries are read.
        variables[entry.name] = _value(entry, (*path, "env", number), environment, config_map)
    return environment


def _add_source(
    source: podspec.EnvFrom, container: Container, variables: dict[str, Variable], unseen: list[str]
) -> None:
    if source.config_map_ref is None:
        unseen.append(f"Secret {source.secret_ref.name}" if source.secret_ref else "an unnamed source")
        return
    name = source.config_map_ref.name
    texts = _config_map(container, name)
    if texts is None:
        unseen.append(f"ConfigMap {name}")
        return
    for key, text in texts.items():
        variables[source.prefix + key] = Known(text, f"ConfigMap {name}, key {key}")


def _config_map(container: Container, name: str) -> Mapping[str, str] | None:
    found = container.workload.neighbours.config_maps.get((container.workload.identity.namespace, name))
    return found.data if found else None


def _value(
    entry: podspec.EnvVar, path: Path, before: Environment, config_map: Callable[[str], Mapping[str, str] | None]
) -> Variable:
    if entry.value_from is None:
        text, unknown = expand(entry.value, before.lookup)
        return Unknown(unknown) if unknown else Known(text, f"env {entry.name}", (*path, "value"))
    reference = entry.value_from.config_map_key_ref
    texts = config_map(reference.name) if reference else None
    if reference is not None and texts is not None and reference.key in texts:
        return Known(texts[reference.key], f"ConfigMap {reference.name}, key {reference.key}")
    return Unknown(f"{entry.name} comes from {_origin(entry.value_from)}")


def _origin(source: podspec.EnvVarSource) -> str:
    if source.secret_key_ref:
        return f"Secret {source.secret_key_ref.name}"
    if source.config_map_key_ref:
        return f"ConfigMap {source.config_map_key_ref.name}, key {source.config_map_key_ref.key}, not in sight"
    return "the running pod"
