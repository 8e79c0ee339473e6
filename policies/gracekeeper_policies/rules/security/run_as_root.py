"""The container runs as root, or nothing keeps it from it.

## What it does
Resolves `runAsUser` and `runAsNonRoot` of container and pod as the kubelet does. An explicit uid 0 is found, and so is
a container for which neither the manifest nor an image that was read rules uid 0 out. An image whose user is a name
(`USER app`) is a note: by a name nobody but the image rules it out. Where `runAsNonRoot` meets uid 0 the container
never starts: that is `non-root-unverifiable`. In a user namespace (`hostUsers: false`) the finding is a
warning: root there is an unprivileged user of the node.

## Why it matters
Whoever takes over the process is root in the container, one kernel bug or one careless mount away from the node.

## What to do
Set `runAsNonRoot: true`, and a numeric `runAsUser` where the image names its user or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",),
)
_SOME_USER: Final = 10001
_ROOT: Final = "root"
_UNTOLD: Final = "Nothing rules uid 0 out: it runs as root unless its image says otherwise."


def check(process: PythonProcess) -> Iterator[Finding]:
    """Ask who rules uid 0 out."""
    container = process.container
    user, path = container.run_as_user
    if user or container.run_as_non_root[0] or container.on_windows or (user == 0 and _is_told_of_another(container)):
        return
    if user == 0:
        yield _finding(process, "It runs as root: runAsUser is 0.", _some_user(container, path))
    else:
        yield from _by_image(process)


def _by_image(process: PythonProcess) -> Iterator[Finding]:
    image, container = process.image, process.container
    uid = image if isinstance(image, Unknown) else image.uid
    name = "" if isinstance(image, Unknown) else image.user_name
    doubt = "" if isinstance(image, Unknown) else image.doubt
    if isinstance(uid, Unknown) or (doubt and (uid is not None or name == _ROOT)):
        told = f"its image's user is {uid}, but {doubt}" if doubt and uid and not isinstance(uid, Unknown) else ""
        yield _finding(process, _UNTOLD, _demand(container, "where the image's user is a name or root"), told)
    elif uid == 0 or name == _ROOT:
        message = "It runs as root: that is its image's user, and the manifest names no other."
        yield _finding(process, message, _some_user(container, container.run_as_user[1]))
    elif uid is None:
        told = joined(f"{name} is hardly another name of root", doubt)
        message = f"It runs as {name}, its image's user: by a name the kubelet cannot rule uid 0 out."
        yield _finding(process, message, _demand(container, f"for the uid of {name}"), told, Severity.NOTE)


def _finding(
    process: PythonProcess, message: str, remedy: Set, doubt: str = "", severity: Severity | None = None
) -> Finding:
    user, path = process.container.run_as_user
    return Finding(
        at=path if user == 0 else process.container.run_as_non_root[1],
        message=message,
        remedies=(remedy,),
        doubt=doubt,
        severity=severity or (None if process.container.pod.host_users else Severity.WARNING),
        evidence=(
            Evidence("user", "0" if user == 0 else "not set", "runAsUser, runAsNonRoot of container and pod"),
            _image(process),
        ),
    )


def _some_user(container: Container, path: Path) -> Set:
    return Set(path, _SOME_USER, f"any uid but 0{_for_port(container)}")


def _demand(container: Container, when: str) -> Set:
    because = f"and runAsUser: {_SOME_USER} {when}{_for_port(container)}"
    return Set(container.run_as_non_root[1], value=True, because=because)


def _is_told_of_another(container: Container) -> bool:
    # Where the pod says it for several containers, one change mends them all.
    path = container.run_as_user[1]
    told = (each for each in container.workload.containers if not each.run_as_non_root[0])
    return container.path != next(each.path for each in told if each.run_as_user[1] == path)


def _for_port(container: Container) -> str:
    # Neither in the node's network nor by Knative may a pod set it.
    is_free = not (container.pod.host_network or container.workload.is_knative)
    port = container.low_port if is_free else None
    sysctl = f'{{name: net.ipv4.ip_unprivileged_port_start, value: "{port}"}}'
    return f"; for port {port} the pod's securityContext.sysctls: [{sysctl}]" if port else ""


def _image(process: PythonProcess) -> Evidence:
    user = process.image if isinstance(process.image, Unknown) else process.image.user
    if isinstance(user, Unknown):
        return Evidence("image's user", "unknown", user.reason)
    return Evidence("image's user", user or _ROOT, process.places.image_source("user"))


BAD: Final[Mapping[str, str]] = {
    "nothing is said": """
        containers:
        - {name: web, image: "shop/web:1.4.2"}  # finding
    """,
    "uid 0 for the whole pod": """
        securityContext: {runAsUser: 0}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "a container lifts what the pod demands": """
        securityContext: {runAsNonRoot: true}
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext: {runAsNonRoot: false}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the pod demands a user that is not root": """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "a numeric user": """
        containers:
        - {name: web, image: "shop/web:1.4.2", securityContext: {runAsUser: 10001}}
    """,
}
