"""What the pipeline that runs the program says of itself, read once where the program starts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper.reports.roots import Root

_CHECKOUTS: Final = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
_STEP_SUMMARY: Final = "GITHUB_STEP_SUMMARY"


class Pipeline(Struct, frozen=True):
    """`checkout` is the folder of the checkout, where the pipeline names one; `step_summary` a file for Markdown."""

    checkout: str = ""
    step_summary: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Pipeline:
        """Read it from environment variables."""
        checkouts = (environment.get(name, "") for name in _CHECKOUTS)
        return cls(next(filter(None, checkouts), ""), environment.get(_STEP_SUMMARY, ""))

    @property
    def root(self) -> Root:
        """Where files are named from: the checkout if the program runs in it, else the working directory."""
        from gracekeeper.reports.roots import Root  # noqa: PLC0415 - a text needs none

        here, checkout = os.path.realpath("."), os.path.realpath(self.checkout)
        inside = bool(self.checkout) and os.path.commonpath([here, checkout]) == checkout
        return Root(checkout if inside else here, here)

    def summarize(self, markdown: str) -> None:
        """Add to the summary of this step, behind what other commands of the step wrote.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        try:
            with open(self.step_summary, "a", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - as it was given
                file.write(markdown)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigurationError(f"cannot write {self.step_summary}: {reason}.") from error
