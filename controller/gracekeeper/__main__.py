"""`python -m gracekeeper` is `gracekeeper`."""

from __future__ import annotations

from gracekeeper.cli import main

if __name__ == "__main__":
    main()
