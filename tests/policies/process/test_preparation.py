"""What a script does before its program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.preparation import installs, migrates, takes_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.provenance import Word

    Words = Callable[[str], tuple[Word, ...]]


@pytest.mark.parametrize(
    "line",
    [
        "pip install -r requirements.txt",
        "pip3 --no-cache-dir install kopf",
        "/usr/bin/python3 -m pip install --upgrade pip",
        "uv sync --frozen",
        "uv pip install flask",
        "poetry install --no-root",
        "pipenv install --system",
        "conda env update -f environment.yml",
        "apt-get install -y curl",
        "apk add --no-cache bash",
    ],
)
def test_an_installation_is_told(words: Words, line: str) -> None:
    """By the installer's name and its verb, whatever stands between them."""
    assert installs(words(line))


@pytest.mark.parametrize(
    "line",
    [
        "pip list",
        "pip download flask",
        "pip install --dry-run flask",
        "uv run shop",
        "poetry run shop install",
        "apt-get update",
        "python install.py",
        "flask install",
    ],
)
def test_what_installs_nothing_is_told_apart(words: Words, line: str) -> None:
    """Also where the verb belongs to another program."""
    assert not installs(words(line))


@pytest.mark.parametrize(
    "line",
    [
        "python manage.py migrate --noinput",
        "./manage.py migrate",
        "django-admin migrate shop",
        "python -m alembic upgrade head",
        "alembic -c shop.ini upgrade head",
        "flask db upgrade",
        "flask --app shop db upgrade",
        "airflow db migrate",
        "uv run python manage.py migrate",
    ],
)
def test_a_migration_is_told(words: Words, line: str) -> None:
    """By the tool's name and its verb."""
    assert migrates(words(line))


@pytest.mark.parametrize(
    "line",
    [
        "python manage.py migrate --check",
        "python manage.py migrate --plan",
        "python manage.py showmigrations",
        "alembic current",
        "alembic upgrade head --sql",
        "flask run",
        "python migrate.py",
        "pip install --upgrade pip",
    ],
)
def test_what_migrates_nothing_is_told_apart(words: Words, line: str) -> None:
    """Looking at migrations changes nothing."""
    assert not migrates(words(line))


@pytest.mark.parametrize("line", ["sleep 10", "curl -fsS http://shop", "python manage.py collectstatic", "uv sync"])
def test_what_takes_time_is_told(words: Words, line: str) -> None:
    """Downloads, installations and waits may outlast a liveness probe's window."""
    assert takes_time(words(line))
