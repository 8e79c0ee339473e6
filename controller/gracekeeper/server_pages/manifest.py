"""The manifest that fits a server: its grace period is what the product's own timeline says that it needs."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

import yaml

from gracekeeper.server_pages.words import works_of
from gracekeeper_policies.document import Document
from gracekeeper_policies.judge import no_images
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.process.server import OnTerm, Purpose
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rules.shutdown.grace_period_too_short import Parameters
from gracekeeper_policies.timeline import Timeline, timelines_of
from gracekeeper_policies.workload import Workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.server_pages.recipes import Recipe
    from gracekeeper_policies.process.server import Server

_MARGIN: Final = Parameters().margin_seconds
_DEFAULT_GRACE: Final = 30
_AMPLE: Final = 3600
_DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: shop
  labels: {{app.kubernetes.io/name: {name}}}
spec:
{replicas}
  selector:
    matchLabels: {{app.kubernetes.io/name: {name}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: {name}}}
{annotations}
    spec:
{grace}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile: {{type: RuntimeDefault}}
      containers:
        - name: {name}
          image: registry.example.com/shop/{name}:1.4.2
          # A list, and no line for a shell: so the signal reaches it.
          command: [{command}]
{args}
          env:
            - {{name: PYTHONUNBUFFERED, value: "1"}}
{requests}
          resources:
            requests: {{cpu: 250m, memory: 384Mi}}
            limits: {{memory: 384Mi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
          volumeMounts:
            - {{name: tmp, mountPath: /tmp}}
      volumes:
        - name: tmp
          emptyDir: {{sizeLimit: 64Mi}}
"""
_REQUESTS: Final = """\
          ports:
            - {{name: http, containerPort: 8000}}
          lifecycle:
{paused}
            preStop: {{sleep: {{seconds: {pause}}}}}
{asked}
          readinessProbe:
            httpGet: {{path: {ready}, port: http}}
            periodSeconds: 5
            timeoutSeconds: 2
          livenessProbe:
            httpGet: {{path: {alive}, port: http}}
            periodSeconds: 10
            timeoutSeconds: 2
            failureThreshold: 6
          startupProbe:
            httpGet: {{path: {alive}, port: http}}
            periodSeconds: 2
            failureThreshold: 30
"""
_ASKED: Final = "# Ready asks for what a request needs, the database too; live asks for the process alone."
_ASKED_FOR_HEALTH: Final = "# Its own page for that: it says that the process answers."
_BESIDE: Final = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app.kubernetes.io/name: web}
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app.kubernetes.io/name: web}
"""
_SINGLE: Final = """\
  # There is one alone: two of it would each send every task.
  replicas: 1
  strategy: {type: Recreate}"""
_ALONE: Final = """\
  # There is one alone: {reason}.
  replicas: 1"""


def manifest(server: Server, recipe: Recipe) -> str:
    """A Deployment, and for a server that answers requests a Service and a disruption budget."""
    grace = _grace(timeline_of(_deployment(server, recipe, f"terminationGracePeriodSeconds: {_AMPLE}")))
    deployment = _deployment(server, recipe, grace)
    return deployment + _BESIDE if server.purpose is Purpose.REQUESTS else deployment


def timeline_of(text: str) -> Timeline:
    """What the product makes of a manifest's first document."""
    workload = read_workload(Document(next(yaml.safe_load_all(text))), Neighbours())
    if not isinstance(workload, Workload):
        raise TypeError(f"the manifest of a page cannot be read: {workload}")
    [timeline] = timelines_of(PodProcesses(workload, no_images))
    return timeline


def _grace(timeline: Timeline) -> str:
    delay, drain = timeline.pre_stop.seconds, _drain(timeline)
    needed = math.ceil(delay + drain + _MARGIN)
    server = timeline.process.server
    ended = works_of(server)[1] if server else "work"
    parts = ((delay, "before the signal"), (drain, f"until its {ended} have ended"), (float(_MARGIN), "to spare"))
    told = " + ".join(f"{format_seconds(seconds)} s {meaning}" for seconds, meaning in parts if seconds)
    if needed <= _DEFAULT_GRACE:
        return f"# {told}: Kubernetes' default of {_DEFAULT_GRACE} s is enough."
    return f"# {told}.\nterminationGracePeriodSeconds: {needed}"


def _drain(timeline: Timeline) -> float:
    limit = timeline.process.task_limit if timeline.process.shutdown.on_term is OnTerm.FINISHES else None
    bound = getattr(limit.seconds, "value", None) if limit else None
    return bound if bound is not None else (timeline.needed or timeline.pre_stop.seconds) - timeline.pre_stop.seconds


def _deployment(server: Server, recipe: Recipe, grace: str) -> str:
    serves = server.purpose is Purpose.REQUESTS
    text = _DEPLOYMENT.format(
        name="web" if serves else "worker" if server.purpose is Purpose.TASKS else "beat",
        replicas=_replicas(server, recipe),
        annotations="\n".join(_annotations(recipe)),
        grace=_indented(grace, 6),
        command=", ".join(recipe.command),
        args="\n".join(_args(recipe)),
        requests=_requests(recipe) if serves else "",
    )
    return "".join(line + "\n" for line in text.splitlines() if line)


def _replicas(server: Server, recipe: Recipe) -> str:
    if server.alone:
        return _ALONE.format(reason=server.alone)
    return _SINGLE if recipe.single else f"  replicas: {3 if server.purpose is Purpose.REQUESTS else 2}"


def _requests(recipe: Recipe) -> str:
    paused = "\n".join(textwrap.wrap(recipe.paused, 96, initial_indent="# ", subsequent_indent="# "))
    return _REQUESTS.format(
        paused=_indented(paused, 12),
        pause=recipe.pause,
        asked=_indented(_ASKED_FOR_HEALTH if recipe.health else _ASKED, 10),
        ready=recipe.health or "/ready",
        alive=recipe.health or "/alive",
    )


def _annotations(recipe: Recipe) -> Iterator[str]:
    if recipe.annotations:
        yield "      annotations:"
    for name, (value, reason) in recipe.annotations.items():
        yield f"        # {reason}"
        yield f'        {name}: "{value}"'


def _args(recipe: Recipe) -> Iterator[str]:
    if recipe.args:
        yield "          args:"
    for word, reason in recipe.args:
        yield f"            - {word}{f' # {reason}' if reason else ''}"


def _indented(text: str, by: int) -> str:
    return textwrap.indent(text, " " * by)
