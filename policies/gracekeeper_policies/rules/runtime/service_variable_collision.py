"""A Service's variable is read by the server as one of its settings.

## What it does
Works out the variables that the kubelet injects for each Service of the namespace (a Service `uvicorn` gives
UVICORN_PORT and others) and compares them with those that the server reads. Found only where nothing in the manifest
sets the option or the variable, and `enableServiceLinks` is not `false`. A headless Service injects nothing.

## Why it matters
UVICORN_PORT is then `tcp://10.96.0.17:80`, which is no port: the server ends with an error as soon as a pod starts
after the Service was made. The Deployment that ran yesterday does not come back from a restart.

## What to do
Set `enableServiceLinks: false`: nobody needs these variables where there is DNS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Related, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.server import Form
from gracekeeper_policies.provenance import Default, Known, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.neighbours import Service
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.settings import Value
    from gracekeeper_policies.provenance import Sourced

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/tutorials/services/connect-applications-service/#accessing-the-service",),
)
_NUMBERS: Final = (Form.INTEGER, Form.SECONDS)


def check(process: PythonProcess) -> Iterator[Finding]:
    """Compare what Services inject with what the server reads."""
    workload = process.container.workload
    injected = workload.neighbours.service_variables
    if process.server is None or not injected or not workload.pod.enable_service_links:
        return
    for option in process.server.options:
        for name in option.environment if option.form in _NUMBERS else ():
            service = injected.get((workload.identity.namespace, name))
            value = process.setting(option.name)
            if service is not None and _is_replaced(value) and not service.variables[name].isdecimal():
                yield _finding(process, service, name, option.name, joined(process.doubt, getattr(value, "doubt", "")))


def _is_replaced(value: Sourced[Value]) -> bool:
    # Beside the default, a Service's variable takes the place of one that the image sets.
    return isinstance(value, Default) or (isinstance(value, Known) and f", {OF_IMAGE}" in value.source)


def _finding(process: PythonProcess, service: Service, name: str, option: str, doubt: str) -> Finding:
    value, path = service.variables[name], (*process.container.workload.pod_path, "enableServiceLinks")
    return Finding(
        at=path,
        message=f"The Service {service.identity.name} gives every new pod of the namespace {name}={value}, and "
        f"{process.name} reads its {option} from {name}: that is no number, and it does not start.",
        remedies=(Set(path, value=False, because="DNS finds Services without these variables"),),
        doubt=doubt,
        evidence=(Evidence(name, value, f"Service {service.identity.name}"),),
        related=(Related(service.document, ("metadata", "name"), f"gives {name}"),),
    )


_SERVICE: Final = """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: uvicorn, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8000}]}
"""

BAD: Final[Mapping[str, str]] = {
    "a Service that bears the server's name": """
        enableServiceLinks: true  # finding
        containers:
        - name: web
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
"""
    + _SERVICE,
}
GOOD: Final[Mapping[str, str]] = {
    "no links to Services": """
        enableServiceLinks: false
        containers:
        - name: web
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
"""
    + _SERVICE,
    "a flag beats the variable": """
        containers:
        - name: web
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, --port=8000, "app:app"]
"""
    + _SERVICE,
}
