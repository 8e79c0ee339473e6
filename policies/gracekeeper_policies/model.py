"""What models of manifests are made of: their base, and the types of their fields."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, dataclass_transform

from msgspec import Meta, Struct, field


@dataclass_transform(  # tells type checkers that what inherits from it is frozen too
    field_specifiers=(field,), frozen_default=True
)
class Model(Struct, frozen=True, rename="camel"):
    """A strict, frozen model whose fields are written in camelCase in a manifest."""


Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A number as wide as the API server reads at most."""

Quantity = Fraction
Texts = dict[str, str]
Port = Integer | str
"""A port's number or its name."""

Percentage = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}%\Z", description="expected a number or a percentage such as 25%")
]
Portion = Integer | Percentage
"""A number of pods, or a percentage of them."""
