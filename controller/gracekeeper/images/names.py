"""Which of the images that a manifest names is meant by a name: `web` is every web, `web:1.4` one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.image import ImageReference

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_LATEST: Final = "latest"
_LOCAL: Final = "localhost"
_HUB: Final = "docker.io"


def is_same_repository(name: ImageReference, asked: ImageReference) -> bool:
    """Whether both are versions of one image.

    What podman builds under a bare name lies on a registry `localhost`, and it finds it there under the bare name.
    """
    registries = {name.registry, asked.registry}
    return name.name == asked.name and (len(registries) == 1 or registries == {_LOCAL, _HUB})


def means(name: ImageReference, asked: ImageReference, digests: AbstractSet[str] = frozenset()) -> bool:
    """Whether a name is that of an image in a manifest; without a tag it is that of all its tags and digests.

    `digests` are those of the image that bears the name, where they are known.
    """
    if not is_same_repository(name, asked):
        return False
    pinned = {name.digest} if name.digest else digests
    if asked.digest and pinned:
        return asked.digest in pinned
    if name.digest:
        return False
    unsaid = "" if asked.digest else _LATEST
    return name.tag in ("", asked.tag or unsaid or name.tag)


class Pattern(Struct, frozen=True):
    """A glob over image names, such as `registry.example.com/shop/*`; `*` stands for anything but a slash."""

    text: str

    def match(self, asked: str) -> str | None:
        """What the last `*` stands for in an image of a manifest, empty without one; None where it is another image."""
        if not self.is_glob:
            name, of = ImageReference.parse(self.text), ImageReference.parse(asked)
            return "" if name and of and means(name, of) else None
        found = self._regex.match(asked)
        if found is None:
            return None
        return found[found.lastindex] if found.lastindex else ""

    @property
    def is_glob(self) -> bool:
        """Whether it may mean several images, not versions of one."""
        return "*" in self.text or "?" in self.text

    @property
    def _regex(self) -> re.Pattern[str]:
        names_version = "@" in self.text or ":" in self.text.rpartition("/")[2]
        version = "" if names_version else r"(?::[^/@]*)?(?:@.*)?"
        return re.compile(re.escape(self.text).replace(r"\*", "([^/@:]*)").replace(r"\?", "[^/@:]") + version + r"\Z")


def written(name: ImageReference) -> str:
    """A name as a person writes it."""
    registry = "" if name.registry == _HUB else f"{name.registry}/"
    version = f":{name.tag}" if name.tag else ""
    return f"{registry}{name.name}{version}"
