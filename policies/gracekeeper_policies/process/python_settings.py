"""What a configuration file written in Python sets, as far as literals say it; nothing is executed."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from gracekeeper_policies.process.node_cpus import NODE_CPUS, counts_in_python
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def python_file(_: str, text: str) -> Mapping[str, Known[object] | Unknown]:
    """What a file in Python sets, under whatever name."""
    return literal_assignments(text)


def path_of_file(name: str) -> str:
    """The path in what names a file: `file:settings.py`."""
    return name.removeprefix("file:")


def path_of_module(name: str) -> str:
    """The path of a module as seen from where the program starts: `shop/settings.py` of `shop.settings`."""
    return f"{name.replace('.', '/')}.py"


def literal_assignments(text: str) -> Mapping[str, Known[object] | Unknown]:
    """Read module-level `name = literal` assignments; the last one wins.

    A name whose value is computed, or that is set inside a branch, is Unknown, unless it
    is counted from the node's CPUs. What may set any name (a file that is no
    Python, `from … import *`) is the entry `""`, Unknown.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # of an escape that means nothing, and its like
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"": Unknown("the configuration file is not valid Python")}
    settings: dict[str, Known[object] | Unknown] = {}
    for statement in module.body:
        before = {name: told.value for name, told in settings.items() if isinstance(told, Known)}
        settings |= {node.id: Unknown(f"line {node.lineno} computes {node.id}") for node in _set_names(statement)}
        settings |= _literals(statement, before)
    return settings


def _set_names(statement: ast.stmt) -> Iterator[ast.Name]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node


def _literals(statement: ast.stmt, known: Mapping[str, object]) -> dict[str, Known[object] | Unknown]:
    if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
        return {"": Unknown(f"line {statement.lineno} imports settings from elsewhere")}
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return {}
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    try:
        value = ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if not counts_in_python(statement.value, known):
            return {}
        value = NODE_CPUS
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return {name: Known(value, f"line {statement.lineno}, {name}") for name in names}
