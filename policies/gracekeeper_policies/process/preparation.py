"""What a script does before its program: installs dependencies, migrates a database, or takes its time otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.wrappers import executable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.provenance import Word

_SLOW: Final = frozenset({"aws", "curl", "gcloud", "git", "gsutil", "huggingface-cli", "sleep", "wget"})
_SLOW_ANYWHERE: Final = frozenset({"collectstatic", "install", "migrate", "sync", "upgrade"})
# The words that follow an installer's name, in this order; other words may stand between them.
_INSTALLERS: Final = (
    (("pip", "pip3", "pipx", "pip3.10", "pip3.11", "pip3.12", "pip3.13", "pip3.14"), (("install",),)),
    (("uv",), (("sync",), ("pip", "install"), ("pip", "sync"), ("tool", "install"))),
    (("poetry", "pdm"), (("install",), ("sync",))),
    (("pipenv",), (("install",), ("sync",))),
    (("conda", "mamba", "micromamba"), (("install",), ("env", "create"), ("env", "update"))),
    (("apt-get", "apt", "yum", "dnf", "microdnf"), (("install",),)),
    (("apk",), (("add",),)),
)
_OF_THE_SYSTEM: Final = frozenset({"apt-get", "apt", "yum", "dnf", "microdnf", "apk"})
_ONE_VERSION: Final = re.compile(r"[\w.-]+(?:\[[\w,.-]*\])?==[\w.+!-]+\Z")
_MIGRATIONS: Final = (
    (("manage.py", "django-admin"), (("migrate",), ("migrate_schemas",))),
    (("alembic", "aerich"), (("upgrade",),)),
    (("flask", "superset"), (("db", "upgrade"),)),
    (("airflow",), (("db", "migrate"), ("db", "upgrade"), ("db", "init"))),
    (("yoyo",), (("apply",),)),
    (("piccolo",), (("migrations", "forwards"),)),
)
_ONLY_LOOKS: Final = frozenset({"--check", "--plan", "--dry-run", "--sql", "--help", "--version"})


def takes_time(words: Sequence[Word]) -> bool:
    """Tell whether a command is one of those that may take minutes: a download, an installation, a migration."""
    said = {executable(word) for word in words}
    return bool(said & _SLOW_ANYWHERE) or executable(words[0]) in _SLOW


def installs(words: Sequence[Word]) -> bool:
    """Tell whether a command installs dependencies."""
    return _says(words, _INSTALLERS)


def installs_system_packages(words: Sequence[Word]) -> bool:
    """Tell whether an installer is the distribution's, which knows no lockfile."""
    return any(executable(word) in _OF_THE_SYSTEM for word in words)


def names_versions(words: Sequence[Word]) -> bool:
    """Tell whether an installer is given exact versions and nothing else: `pip install kopf==1.38.0`."""
    said = [word.text for word in words]
    behind = said[said.index("install") + 1 :] if "install" in said else []
    given = [text for text in behind if not text.startswith("-")]
    return bool(given) and all(map(_ONE_VERSION.match, given))


def migrates(words: Sequence[Word]) -> bool:
    """Tell whether a command changes the schema of a database."""
    return _says(words, _MIGRATIONS)


_Table = tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]


def _says(words: Sequence[Word], table: _Table) -> bool:
    said = [executable(word) for word in words]
    if not _ONLY_LOOKS.isdisjoint(said):
        return False
    for names, actions in table:
        start = next((number for number, word in enumerate(said) if word in names), None)
        rest = said[start + 1 :] if start is not None else []
        if rest[:1] != ["run"] and any(_in_order(action, rest) for action in actions):
            return True
    return False


def _in_order(action: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(step in rest for step in action)
