"""buildah, and what images are built upon.

Where the official base cannot be had, a stand-in of that name is made by debootstrap from Debian's packages. It holds
what the official image is made of too, Debian and Python, but Debian's Python instead of one that was compiled for it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
BASE: Final = re.search(r"^ARG BASE=(\S+?)@(\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)

_STAND_IN: Final = """\
FROM scratch
ADD root.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LABEL org.opencontainers.image.title="A stand-in for {name}, made by debootstrap from Debian's packages"
"""
_LEFT_OUT: Final = (
    "./var/cache/apt ./var/lib/apt/lists ./usr/share/doc ./usr/share/locale ./usr/share/man ./dev".split()
)


@dataclass(frozen=True)
class Builder:
    """buildah, with a store of its own."""

    store: Path

    def __call__(self, *arguments: str | Path, offline: bool = False) -> str:
        """Run it, without a network if so wanted, and give what it prints."""
        before = ["unshare", "--net"] if offline else []
        places = ["--storage-driver=vfs", f"--root={self.store / 'images'}", f"--runroot={self.store / 'run'}"]
        command = [*before, "buildah", *places, *map(str, arguments)]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except subprocess.CalledProcessError as error:
            error.add_note(error.stderr[-4000:])
            raise

    def configuration(self, image: str) -> dict[str, Any]:
        """What a runtime reads of an image."""
        inspected = json.loads(self("inspect", "--type", "image", image))
        configuration: dict[str, Any] = inspected["OCIv1"]["config"]
        return configuration

    def size(self, image: str) -> int:
        """What an image weighs, in MB, unpacked."""
        listed = json.loads(self("images", "--json", image))
        number, unit = listed[0]["size"].split()
        return round(float(number) * {"KB": 0.001, "MB": 1, "GB": 1000}[unit])


def stand_in(builder: Builder, name: str, folder: Path) -> None:
    """Make a base of this name from Debian's packages; the name says which Debian."""
    suite = name.rpartition("-")[2]
    root = folder / "root"
    packages = "ca-certificates,python3,python3-venv"
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={packages}", suite, root], capture_output=True, check=True
    )
    for alias in ("python", "python3"):
        (root / "usr/local/bin" / alias).symlink_to("/usr/bin/python3")
    left_out = [f"--exclude={each}/*" for each in _LEFT_OUT]
    subprocess.run(["tar", "-C", root, *left_out, "-cf", folder / "root.tar", "."], check=True)
    (folder / "Dockerfile").write_text(_STAND_IN.format(name=name), "utf-8")
    builder("build", "--isolation=chroot", f"--tag={name}", folder)
    shutil.rmtree(root)
