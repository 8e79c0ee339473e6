"""Remembers what was heard of a workload, for others that are like it: in one organisation many are.

Two workloads are alike where nothing but their own names differs: name and namespace, labels, and images whose names
tell nothing. Rules make nothing of these. They may quote an image, so what quotes one that differs is not reused; names
that decide something keep workloads apart: Services, budgets and autoscalers choose by them, and so may policies and
exceptions.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.hearing import Heard
from gracekeeper_policies.once import once
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.provenance import LONGEST_SPOKEN, Unknown
from gracekeeper_policies.secrecy.elision import secrets_of
from gracekeeper_policies.verdict import Judged

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.exception import AppliedException
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.process.pod import Images
    from gracekeeper_policies.verdict import Laid, Ruling, Untold

_UNREAD: Final = Unknown("")
_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")


class Likeness(Struct, frozen=True):
    """What a workload has in common with those that are like it, and the texts, by their places, that are its own."""

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
        images: Images | None,
        most: int,
    ) -> None:
        """Remember nothing yet, and `most` workloads later; `images` tells what is known of them, if anything is."""
        matches = [policy.match for policy in policies]
        self._shares = (
            most > 0 and not exceptions and not any(match.names or match.object_selector for match in matches)
        )
        self._by_namespace = any(match.namespace_selector for match in matches) or any(
            policy.allow_namespace_mode for policy in policies
        )
        self._neighbours = neighbours
        self._images = images
        self._most = most
        self._known: OrderedDict[Hashable, _Remembered] = OrderedDict()

    def of(self, document: Document, template: Path, identity: Identity) -> Likeness | None:
        """What a workload has in common with others; None where it stands alone."""
        if not self._shares:
            return None
        names = _Names(self._images)
        try:
            common = msgspec.msgpack.encode(names.left_out(document.values, template))
            place = self._place(identity, names.pod_labels)
        except (
            AttributeError,
            LookupError,
            OverflowError,
            TypeError,
            ValueError,
        ):
            return None
        if place is None or not names.are_plain:
            return None
        return Likeness((identity.api_version, identity.kind, common, place, *names.quotable), names.quotable)

    def recall(
        self, likeness: Likeness, document: Document, identity: Identity, lay_out: Callable[[Document], Laid]
    ) -> Heard | None:
        """What was heard of a workload like this one, as if it had been heard of this one; None where nothing was."""
        known = self._known.get(likeness.common)
        if known is None or not known.holds_for(likeness.own):
            return None
        return _heard_of(known.heard, Judged(document, identity, lay_out))

    def remember(self, likeness: Likeness, heard: Heard) -> None:
        """Remember what was heard of a workload."""
        if heard.judged is not None and not heard.misread:
            self._known[likeness.common] = _Remembered(heard, likeness.own)
            if len(self._known) > self._most:
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
    """What was heard of a workload, and the texts that are its own."""

    heard: Heard
    own: dict[Path, str]

    def holds_for(self, own: dict[Path, str]) -> bool:
        """Whether it holds for one like it: it quotes no text in which they differ."""
        return self._told is not None and not any(text in self._told for _, text in self.own.items() ^ own.items())

    @once
    def _told(self) -> str | None:
        """All that reports say of it; None where that cannot be said of another."""
        judged = self.heard.judged
        if judged is None or any(_is_about(judged.document, ruling) for ruling in self.heard.rulings):
            return None
        texts = [text for ruling in self.heard.rulings for text in _texts(ruling)]
        return "\n".join([*texts, *(text for untold in judged.untold for text in _texts_of_untold(untold))])


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

    def __init__(self, images: Images | None) -> None:
        self.quotable: dict[Path, str] = {}
        self.pod_labels: dict[str, Any] = {}
        self._names: list[object] = []
        self._labels: list[tuple[Any, Any]] = []
        self._images = images

    @property
    def are_plain(self) -> bool:
        """Whether they are texts, as they have to be, and no secrets, which are left out of what is told."""
        texts = all(name is None or type(name) is str for name in self._names)
        return texts and all(type(value) is str and not secrets_of(key, value) for key, value in self._labels)

    def left_out(self, values: Mapping[str, Any], template: Path) -> dict[str, Any]:
        """A workload's values without them."""
        bare = self._on_the_way(values, template, ())
        bare["metadata"] = self._metadata(values.get("metadata") or {})
        return bare

    def _on_the_way(self, values: Mapping[str, Any], way: Path, at: Path) -> dict[str, Any]:
        bare = dict(values)
        if way:
            step = str(way[0])
            bare[step] = self._on_the_way(bare[step], way[1:], (*at, step))
            self._leave_out_selector(bare)
        else:
            self.pod_labels = (values.get("metadata") or {}).get("labels") or {}
            bare["metadata"] = self._metadata(values.get("metadata") or {})
            bare["spec"] = self._pod(values["spec"], (*at, "spec"))
        return bare

    def _leave_out_selector(self, bare: dict[str, Any]) -> None:
        selector = bare.get("selector")
        if type(selector) is dict and selector.keys() == {"matchLabels"}:
            del bare["selector"]
            self._labels += selector["matchLabels"].items()

    def _metadata(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        bare = dict(metadata)
        self._names += [bare.pop(name, None) for name in ("name", "namespace", "generateName")]
        self._labels += (bare.pop("labels", None) or {}).items()
        return bare

    def _pod(self, spec: Mapping[str, Any], at: Path) -> dict[str, Any]:
        bare = dict(spec)
        for name in _LISTS:
            if bare.get(name):
                bare[name] = [self._container(each, (*at, name, number)) for number, each in enumerate(bare[name])]
        return bare

    def _container(self, container: dict[str, Any], at: Path) -> dict[str, Any]:
        image = str(container.get("image") or "")
        # A longer text is cut where it is quoted, perhaps in the middle of its tag.
        if not image or len(image) > LONGEST_SPOKEN:
            return container
        known = self._images(image) if self._images else _UNREAD
        if not isinstance(known, Unknown):
            return container
        reference = ImageReference.parse(image)
        if reference is None or not reference.is_mere_name:
            return container
        self.quotable[at] = reference.repository
        self.quotable[(*at, "tag")] = reference.tag
        # Images of which nothing is known for the same reason are alike; a list is never an image that is written.
        return {**container, "image": [known.reason]}
