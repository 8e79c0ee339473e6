"""Numeric libraries start a thread for each CPU of the node.

## What it does
Finds a container with a CPU limit that probably computes with NumPy, PyTorch and the like, going by its program or its
image, and sets none of OMP_NUM_THREADS, MKL_NUM_THREADS and OPENBLAS_NUM_THREADS, nor TF_NUM_INTRAOP_THREADS, which
TensorFlow listens to instead. vLLM with several devices is left alone: it bounds the threads of its workers itself.

## Why it matters
OpenMP, MKL and OpenBLAS count the CPUs of the node, not those of the container's limit: 64 threads share 2 CPUs, are
throttled together, and take memory each.

## What to do
Set OMP_NUM_THREADS, or TF_NUM_INTRAOP_THREADS for TensorFlow, to the CPU limit, rounded up.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import NUMERIC
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.quantity import format_cpu
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.NOTE,
    profile=Profile.STRICT,
    since="0.1",
    see=("https://numpy.org/doc/stable/reference/global_state.html",),
)
_POOL: Final = "OMP_NUM_THREADS"
# TensorFlow's pool is its own and listens to no other variable (`tensorflow/core/common_runtime/process_util.cc`).
_OWN_POOLS: Final[Mapping[str, str]] = {"tensorflow": "TF_NUM_INTRAOP_THREADS"}
_POOLS: Final = (_POOL, "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_MAX_THREADS", *_OWN_POOLS.values())
# vLLM bounds the threads of the workers it starts for several devices (`vllm/v1/executor/multiproc_executor.py`).
_SHARED_OUT: Final = re.compile(r"(?:\A| )(?:--(?:tensor|pipeline)-parallel-size|-tp|-pp)[= ](?!1(?: |\Z))")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Ask whether anything bounds the threads of numeric libraries."""
    limit = process.container.limit("cpu")
    if (
        not limit
        or process.runtime is Runtime.OTHER
        or any(process.environment.lookup(name) is not None for name in _POOLS)
    ):
        return
    library = _library(process)
    if not library or (library == "vllm" and _bounds_them_itself(process)):
        return
    variable, threads = _OWN_POOLS.get(library, _POOL), math.ceil(limit)
    yield Finding(
        at=(*process.container.path, "env"),
        message=f"It may use {format_cpu(limit)} CPU, but numeric libraries start a thread for each CPU of its node.",
        remedies=(Advice(f'add {{name: {variable}, value: "{threads}"}} to env'),),
        doubt=f"that it computes with such a library is a guess from the name {library}",
        evidence=(Evidence("CPU limit", format_cpu(limit), "resources"), Evidence(variable, "not set", "env")),
    )


def _library(process: PythonProcess) -> str:
    named = NUMERIC.search(process.name)
    if named is not None:
        return named[0]
    return process.reference.computes_with if process.reference else ""


def _bounds_them_itself(process: PythonProcess) -> bool:
    spec = process.container.spec
    return _SHARED_OUT.search(" ".join((*spec.command, *spec.args))) is not None


BAD: Final[Mapping[str, str]] = {
    "two CPUs and as many threads as the node has CPUs": """
        containers:
        - name: train  # finding
          image: pytorch/pytorch:2.8.0-cuda12.6-cudnn9-runtime
          command: [python, -u, train.py]
          resources: {limits: {cpu: "2", memory: 4Gi}}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "as many threads as CPUs": """
        containers:
        - name: train
          image: pytorch/pytorch:2.8.0-cuda12.6-cudnn9-runtime
          command: [python, -u, train.py]
          env: [{name: OMP_NUM_THREADS, value: "2"}]
          resources: {limits: {cpu: "2", memory: 4Gi}}
    """,
}
