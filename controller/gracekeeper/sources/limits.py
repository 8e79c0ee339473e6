"""How much input is too much. No real manifest comes near; what goes beyond is refused with a sentence."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 256 * 2**20
"""The size of a file or of standard input; keeps an endless one from filling the memory."""

MAX_DEPTH: Final = 200
"""Lists and mappings inside one another; the deepest published CRDs need about 40."""

MAX_REPEATED: Final = 100_000
"""Values that aliases may add to a document."""

TOO_LARGE: Final = f"is larger than {MAX_BYTES // 2**20} MiB, which no manifest is"
TOO_DEEP: Final = f"nested more than {MAX_DEPTH} levels deep, which no Kubernetes object is"
