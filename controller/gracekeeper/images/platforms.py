"""Which platform's image is meant, where there are several: `OS/ARCHITECTURE[/VARIANT]`."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

_PARSED: Final = re.compile(r"(?P<os>[a-z0-9]+)/(?P<architecture>[a-z0-9_]+)(?:/(?P<variant>[a-z0-9.]+))?\Z")
_SPELT: Final = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "armel": "arm"}
_UNSAID: Final = {"arm64": "v8", "arm": "v7"}


class Platform(Struct, frozen=True):
    """An operating system and a processor, as an index of images names them."""

    os: str = ""
    architecture: str = ""
    variant: str = ""

    @staticmethod
    def parse(text: str) -> Platform | None:
        """Read `linux/arm64/v8`, in any of the spellings that tools accept; None for anything else."""
        match = _PARSED.match(text.lower())
        if match is None:
            return None
        architecture = _SPELT.get(match["architecture"], match["architecture"])
        return Platform(match["os"], architecture, match["variant"] or "")

    def means(self, other: Platform) -> bool:
        """Whether both are one platform; a variant that is not named is the usual one of its processor."""
        return (self.os, self.architecture, self._full_variant) == (other.os, other.architecture, other._full_variant)

    @property
    def _full_variant(self) -> str:
        return self.variant or _UNSAID.get(self.architecture, "")

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


USUAL: Final = Platform("linux", "amd64")
"""What is meant where nobody says otherwise and there is more than one."""
