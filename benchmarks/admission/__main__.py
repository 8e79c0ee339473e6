"""Measure what admission costs, on a real control plane: `make bench-admission`.

Ratios carry over from one machine to another, seconds do not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvloop

from benchmarks.admission.asking import asking
from benchmarks.admission.cel import policy
from benchmarks.admission.latency import CEL, GRACEKEEPER, NOTHING, WAYS, Latency
from benchmarks.admission.objects import deployment
from benchmarks.admission.webhook import Webhook
from tests.admission.operator import installed
from tests.cluster.client import eventually
from tests.cluster.control_plane import Profile, running
from tests.cluster.daemon import DaemonError
from tests.cluster.programs import MissingProgramError

if TYPE_CHECKING:
    from tests.admission.operator import Operator
    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane

STANDARD: Final = """
apiVersion: gracekeeper.dev/v1alpha1
kind: GracePolicy
metadata: {name: standard}
spec: {profile: standard, mode: warn}
"""
CLIENTS: Final = (1, 8)
UNGUARDED: Final = ("--set", f"webhook.excludedNamespaces={{kube-system,{NOTHING},{CEL}}}")
_FEWEST_ROUNDS: Final = 2


def main() -> None:
    """Measure and print; what it needs and cannot have is said in a sentence."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--rounds", type=int, default=60, help="rounds through the API server (default: 60)")
    arguments.add_argument("--reviews", type=int, default=2000, help="reviews straight to the webhook (default: 2000)")
    options = arguments.parse_args()
    if options.rounds < _FEWEST_ROUNDS:
        arguments.error(f"--rounds is {options.rounds}, expected at least {_FEWEST_ROUNDS}: halves are compared")
    try:
        with ExitStack() as stack:
            control_plane = stack.enter_context(running(Profile()))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-admission-")))
            operator = stack.enter_context(installed(control_plane, folder, STANDARD, *UNGUARDED))
            prepare(control_plane.client)
            uvloop.run(measure(control_plane, operator, options.rounds, options.reviews))
    except (DaemonError, MissingProgramError) as error:
        sys.exit(f"The benchmark needs what cannot be had here: {error}")


def prepare(client: Client) -> None:
    """Make a namespace for each way, and wait until everybody answers in the right one."""
    for way in WAYS:
        client.namespace(way)
    for manifest in policy(CEL):
        client.create(manifest).object()
    worse = {way: worsened(way) for way in WAYS}
    eventually(lambda: not client.create(worse[CEL], dry_run=True).admitted)
    eventually(lambda: any("root" in each for each in client.create(worse[GRACEKEEPER], dry_run=True).warnings))
    if client.create(worse[NOTHING], dry_run=True).warnings:
        sys.exit(f"Somebody answers in {NOTHING} too.")


def worsened(namespace: str) -> Manifest:
    """A Deployment to which both have something to say: it may run as root."""
    manifest = deployment(0, namespace)
    manifest["spec"]["template"]["spec"]["securityContext"] = {"runAsNonRoot": False, "runAsUser": 0}
    return manifest


async def measure(control_plane: ControlPlane, operator: Operator, rounds: int, reviews: int) -> None:
    """First through the API server, then without it."""
    client, process = control_plane.client, operator.process_id
    async with asking(control_plane.url, control_plane.credentials.authority, client.headers) as api:
        api_server = control_plane.daemons["kube-apiserver"].process.pid
        latency = Latency(api, api_server, process, rounds)
        for clients in CLIENTS:
            await latency.report(clients, alike=True)
            await latency.report(clients, alike=False)
    manifests = (deployment(number, GRACEKEEPER) for number in range(reviews))
    made = [client.create(each, dry_run=True).object() for each in manifests]
    async with asking(operator.url, operator.folder / "authority.crt") as webhook:
        await Webhook(webhook, process, made).report()


if __name__ == "__main__":
    main()
