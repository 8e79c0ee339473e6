"""Where the programs of a Kubernetes control plane are."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]


class MissingProgramError(Exception):
    """A program that nobody has built yet."""


def folders() -> list[Path]:
    """Where programs are looked for: envtest's folder comes before what `make controlplane` builds."""
    tools = Path(os.environ.get("GRACEKEEPER_TOOLS") or ROOT / ".tools")
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    return [*([Path(assets)] if assets else []), tools / "controlplane"]


def program(name: str) -> Path:
    """The path of a program; one on PATH is not taken, since its version is anybody's guess.

    Raises:
        MissingProgramError: no folder has it.
    """
    for folder in folders():
        if (folder / name).is_file():
            return folder.absolute() / name
    places = " or ".join(str(folder) for folder in folders())
    raise MissingProgramError(f"there is no {name} in {places}; `make controlplane` builds it")
