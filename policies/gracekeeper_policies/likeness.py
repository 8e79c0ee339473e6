"""Remembers what was heard of a workload, for others that are like it: in one organisation many are.

Two workloads are alike where nothing but their own names differs: name and namespace, labels, and the versions in their
images' tags. No rule makes anything of these but to quote them, so the same is found in both. What was heard is
therefore reused, unless it quotes a name that differs. Names that decide something keep workloads apart: Services,
budgets and autoscalers choose by them, and so may policies and exceptions.
"""

from __future__ import annotations

import marshal
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.hearing import Heard
from gracekeeper_policies.once import once
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.secrecy.elision import ELLIPSIS
from gracekeeper_policies.verdict import Judged

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.exception import AppliedException
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.verdict import Laid, Ruling, Untold

_MOST: Final = 1024
_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")
_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+|[0-9a-f]{7,40}")
_TELLING: Final = re.compile(r"python|pypy|alpine")
_PLAIN: Final = re.compile(r"[\w./:-]*")


class Likeness(Struct, frozen=True):
    """What a workload has in common with those that are like it, and by their places the names that are its own."""

    common: Hashable
    own: dict[Path, str]


class Likenesses:
    """The workloads that one policy after another was asked about, as far as others may be like them."""

    def __init__(
        self,
        policies: Iterable[GracePolicy],
        neighbours: Neighbours,
        exceptions: Sequence[AppliedException],
        *,
        images: bool,
    ) -> None:
        """Remember nothing yet; `images` says whether images are read, so that their versions count."""
        matches = [policy.match for policy in policies]
        self._shares = not exceptions and not any(match.names or match.object_selector for match in matches)
        self._by_namespace = any(match.namespace_selector for match in matches) or any(
            policy.allow_namespace_mode for policy in policies
        )
        self._neighbours = neighbours
        self._images = images
        self._known: OrderedDict[Hashable, _Remembered] = OrderedDict()

    def of(self, document: Document, template: Path, identity: Identity) -> Likeness | None:
        """What a workload has in common with others; None where it stands alone."""
        if not self._shares:
            return None
        names = _Names(reads_images=self._images)
        try:
            common = marshal.dumps(names.left_out(document.values, template))
            place = self._place(identity, names.pod_labels)
        except (TypeError, ValueError, AttributeError):  # misshapen: whoever reads it says how
            return None
        own = {**names.own, ("name",): identity.name, ("namespace",): identity.namespace}
        if place is None or not all(type(name) is str and _PLAIN.fullmatch(name) for name in own.values()):
            return None
        return Likeness((identity.api_version, identity.kind, common, place), own)

    def recall(
        self, likeness: Likeness, document: Document, identity: Identity, lay_out: Callable[[Document], Laid]
    ) -> Heard | None:
        """What was heard of a workload like this one, as if it had been heard of this one; None where nothing was."""
        known = self._known.get(likeness.common)
        if known is None or not known.holds_for(likeness.own):
            return None
        self._known.move_to_end(likeness.common)
        return _heard_of(known.heard, Judged(document, identity, lay_out))

    def remember(self, likeness: Likeness, heard: Heard) -> None:
        """Remember what was heard of a workload."""
        if heard.judged is not None and not heard.misread:
            self._known[likeness.common] = _Remembered(heard, likeness.own)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)

    def _place(self, identity: Identity, labels: Mapping[str, str]) -> Hashable | None:
        # What the neighbours make of its names; None where they ask for more than is told here.
        near = self._neighbours
        if near.budgets_of(identity.namespace, labels):
            return None
        if not (self._by_namespace or near.holds_anything):
            return ()
        services = tuple(map(id, near.services_of(identity.namespace, labels)))
        scaler = near.autoscalers.get((identity.namespace, identity.kind, identity.name))
        return identity.namespace, services, id(scaler)


class _Remembered(Struct, frozen=True, eq=False, dict=True):
    """What was heard of a workload, and the names that are its own."""

    heard: Heard
    own: dict[Path, str]

    def holds_for(self, own: dict[Path, str]) -> bool:
        """Whether it holds for one like it: it quotes no name in which they differ."""
        return self._told is not None and not any(name in self._told for _, name in self.own.items() ^ own.items())

    @once
    def _told(self) -> str | None:
        """All that reports say of it; None where that cannot be said of another."""
        judged = self.heard.judged
        if judged is None or any(_is_about(judged.document, ruling) for ruling in self.heard.rulings):
            return None
        texts = [text for ruling in self.heard.rulings for text in _texts(ruling)]
        told = "\n".join([*texts, *(text for untold in judged.untold for text in _texts_of_untold(untold))])
        # What was left out or cut may have been cut at a name.
        return None if ELLIPSIS in told else told


def _is_about(document: Document, ruling: Ruling) -> bool:
    return any(related.document is document for related in ruling.finding.related)


def _texts(ruling: Ruling) -> Iterator[str]:
    finding = ruling.finding
    yield from (finding.message, finding.remedy, finding.doubt, ruling.suppressed or "")
    for each in finding.evidence:
        yield from (each.fact, each.value, each.source)
    yield from (related.message for related in finding.related)


def _texts_of_untold(untold: Untold) -> Iterator[str]:
    yield from (untold.container, untold.reason, untold.program)


def _heard_of(heard: Heard, judged: Judged) -> Heard:
    rulings = tuple(
        [replace(ruling, document=judged.document, identity=judged.identity, judged=judged) for ruling in heard.rulings]
    )
    judged.untold = heard.judged.untold if heard.judged else ()
    return Heard(heard.standing, judged, heard.misread, rulings)


class _Names:
    """The names that are a workload's own, gathered while the rest is looked through."""

    def __init__(self, *, reads_images: bool) -> None:
        self.own: dict[Path, Any] = {}
        self.pod_labels: dict[str, Any] = {}
        self._reads_images = reads_images

    def left_out(self, values: Mapping[str, Any], template: Path) -> dict[str, Any]:
        """A workload's values without them."""
        bare = self._on_the_way(values, template, ())
        bare["metadata"] = self._metadata(values["metadata"], ("metadata",))
        return bare

    def _on_the_way(self, values: Mapping[str, Any], way: Path, at: Path) -> dict[str, Any]:
        bare = dict(values)
        if way:
            bare[str(way[0])] = self._on_the_way(bare[str(way[0])], way[1:], (*at, way[0]))
            self._selector(bare, at)
        else:
            bare["metadata"] = self._metadata(bare.get("metadata") or {}, (*at, "metadata"))
            self.pod_labels = (values.get("metadata") or {}).get("labels") or {}
            bare["spec"] = self._pod(bare["spec"], (*at, "spec"))
        return bare

    def _selector(self, bare: dict[str, Any], at: Path) -> None:
        selector = bare.get("selector")
        if type(selector) is dict and selector.keys() == {"matchLabels"}:
            del bare["selector"]
            self._labels(selector["matchLabels"], (*at, "selector"))

    def _metadata(self, metadata: Mapping[str, Any], at: Path) -> dict[str, Any]:
        bare = dict(metadata)
        self._labels(bare.pop("labels", None) or {}, at)
        for name in ("name", "namespace", "generateName"):
            bare.pop(name, None)
        return bare

    def _labels(self, labels: Mapping[str, Any], at: Path) -> None:
        for name, value in labels.items():
            self.own[(*at, name)] = value

    def _pod(self, spec: Mapping[str, Any], at: Path) -> dict[str, Any]:
        bare = dict(spec)
        for name in _LISTS:
            if bare.get(name):
                bare[name] = [self._container(each, (*at, name, number)) for number, each in enumerate(bare[name])]
        return bare

    def _container(self, container: dict[str, Any], at: Path) -> dict[str, Any]:
        image = container.get("image")
        reference = ImageReference.parse(image) if image and not self._reads_images else None
        if reference is None or reference.digest or not _VERSION.fullmatch(reference.tag) or _TELLING.search(image):
            return container
        self.own[at] = reference.tag
        return {**container, "image": image.removesuffix(reference.tag)}
