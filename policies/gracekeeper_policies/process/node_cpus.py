"""Numbers that are counted from the node's CPUs: `$(nproc)` in a script, `cpu_count()` in a configuration file.

Neither looks at the container's CPU limit (`nproc` and `sched_getaffinity` see the affinity mask, which is the node's
too unless the kubelet pins CPUs), so no manifest tells what comes out.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE_CPUS: Final = "counted from the node's CPUs"
"""The value of an option that is worked out from the number of the node's CPUs."""

_NPROC: Final = re.compile(
    r"\$\(\s*(?:nproc(?: --all)?|getconf _NPROCESSORS_ONLN)\s*\)|`nproc`|\$\(grep -c \^?processor /proc/cpuinfo\)"
)
_ARITHMETIC: Final = re.compile(r"[\d\s()+*$-]*\Z")
_COUNTERS: Final = frozenset({"cpu_count", "process_cpu_count"})
_CONVERSIONS: Final = frozenset({"int", "round", "float"})


def counts_in_shell(text: str) -> bool:
    """Whether a shell's word is `$(nproc)`, or arithmetic with it and nothing else: `$(( 2 * $(nproc) + 1 ))`."""
    rest, counted = _NPROC.subn("1", text)
    return counted > 0 and _ARITHMETIC.match(rest) is not None


def counts_in_python(expression: ast.expr, names: Mapping[str, object]) -> bool:
    """Whether an expression is `cpu_count()`, or arithmetic with it and nothing else; `names` are what stands above."""
    return _count(expression, names) is True


def _count(node: ast.expr, names: Mapping[str, object]) -> bool | None:
    """True where the node's CPUs are counted, False for a plain number, None for everything else."""
    match node:
        case ast.Constant(value=int() | float()):
            return False
        case ast.Name(id=name):
            return _named(names.get(name))
        case ast.Call():
            return _called(node, names)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Div()):
            return _both(_count(node.left, names), _count(node.right, names))
        case ast.BoolOp(op=ast.Or(), values=[left, right]):
            return _both(_count(left, names), _count(right, names))
    return None


def _called(call: ast.Call, names: Mapping[str, object]) -> bool | None:
    match call:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[], keywords=[]):
            return name in _COUNTERS or None
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _CONVERSIONS:
            return _count(inner, names)
    return None


def _both(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001
    return None if left is None or right is None else left or right


def _named(value: object) -> bool | None:
    if value == NODE_CPUS:
        return True
    return False if isinstance(value, int | float) else None
