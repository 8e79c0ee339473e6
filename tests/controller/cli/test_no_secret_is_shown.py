"""No output, whatever its form, shows more of a secret than the name of its variable."""

from __future__ import annotations

import itertools
import re
import textwrap
from typing import TYPE_CHECKING

import click
import pytest

from gracekeeper.cli.check import command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]

HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    example.com/api-token: Kanar1enTok
    gracekeeper.dev/exempt: "memory-limit-missing: its password=Kanar1en"
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: shop/web
"""

PLANTED_TEXT = r"""
a variable:
    env: [{name: DB_PASSWORD, value: Kanar1en}]
a variable over several lines:
    env:
    - name: DB_PASSWORD
      value: >-
        Kanar1en
        and more
a variable with escapes:
    env: [{name: DB_PASSWORD, value: "Kanar1en\u0021"}]
a URL:
    env: [{name: DATABASE_URL, value: 'postgres://u:Kanar1en@db/shop'}]
a URL that a variable holds twice:
    env:
    - {name: A, value: 'redis://:Kanar1en@r'}
    - {name: A, value: 'redis://:Kanar1en@s'}
a token of a known form:
    env: [{name: ANYTHING, value: ghp_Kanar1envogelkanar1envogelkanar1env0123}]
a private key:
    env:
    - name: X
      value: |
        -----BEGIN RSA PRIVATE KEY-----
        Kanar1enKanar1enKanar1en
        -----END RSA PRIVATE KEY-----
a flag with its value:
    command: [gunicorn, --bind=:8000, app:app, --password=Kanar1en]
a flag and its value:
    command:
    - python
    - serve.py
    - --api-token
    - Kanar1en
a flag of a shell script:
    command: [sh, -c, 'python manage.py migrate --password Kanar1en && gunicorn app:app']
an assignment in a shell script:
    command: [sh, -c, 'export DB_PASSWORD=Kanar1en; gunicorn app:app']
a quoted assignment:
    command: [sh, -c, 'DB_PASSWORD="Kanar1en x" gunicorn app:app']
a script of several lines:
    command:
    - sh
    - -c
    - |
      export DB_PASSWORD=Kanar1en
      gunicorn app:app --certfile Kanar1en
an installation from an index with a password:
    command: [sh, -c, 'pip install -i https://u:Kanar1en@pypi.shop.io/simple app && gunicorn app:app']
a reference to a variable:
    env: [{name: DB_PASSWORD, value: Kanar1en}]
    command: [python, serve.py, $(DB_PASSWORD)]
a variable that a script expands:
    env: [{name: DB_PASSWORD, value: Kanar1en}]
    command: [sh, -c, 'exec python serve.py $DB_PASSWORD']
a reference in a server's option:
    env: [{name: DB_PASSWORD, value: Kanar1en}]
    command: [gunicorn, '--bind=$(DB_PASSWORD):80', app:app]
a script whose name is the secret:
    env: [{name: DB_PASSWORD, value: Kanar1en}]
    command: [$(DB_PASSWORD)]
a file that a shell reads:
    env: [{name: DB_PASSWORD, value: Kanar1en}]
    command: [sh, $(DB_PASSWORD)]
a long argument that is cut in the secret:
    command:
    - python
    - --password=Kanar1enKanar1en
    - xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx--password=Kanar1enKanar1en
a key of a ConfigMap:
    envFrom: [{configMapRef: {name: settings}}]
    command: [python, serve.py, $(CLIENT_SECRET)]
a key of a ConfigMap under another name:
    env: [{name: DB_PASSWORD, valueFrom: {configMapKeyRef: {name: settings, key: plain}}}]
    command: [python, serve.py, $(DB_PASSWORD)]
a probe's command:
    readinessProbe: {exec: {command: [redis-cli, -a, Kanar1en, ping]}}
a probe's shell command:
    livenessProbe:
      exec: {command: [sh, -c, 'mysqladmin ping -pKanar1en']}
      periodSeconds: 1
a probe's header:
    readinessProbe:
      httpGet: {path: /, port: 9, httpHeaders: [{name: Authorization, value: Bearer Kanar1en}]}
a hook's command:
    lifecycle:
      preStop: {exec: {command: [sh, -c, 'curl -u admin:Kanar1en http://x/stop; sleep 40']}}
a header of a hook's command:
    lifecycle:
      preStop: {exec: {command: [sh, -c, 'curl -H "Authorization: Bearer Kanar1en" http://x']}}
a password that is a number:
    env: [{name: DB_PASSWORD, value: 90210713}]
a password that is a list:
    env: [{name: DB_PASSWORD, value: [Kanar1en]}]
a number of workers that is a secret:
    env:
    - {name: DB_PASSWORD, value: Kanar1en}
    - {name: WEB_CONCURRENCY, value: $(DB_PASSWORD)}
    command: [gunicorn, app:app]
a quantity that is a secret:
    resources: {limits: {memory: Kanar1en}}
a field that Kubernetes does not know:
    resources: {x-password: Kanar1en}
a password that YAML takes for an alias:
    env: [{name: DB_PASSWORD, value: *Kanar1en }]
a password that YAML takes for a tag:
    env: [{name: DB_PASSWORD, value: !Kanar1en }]
a password that YAML takes for a mapping:
    env: [{name: DB_PASSWORD, value: Kanar1en: x }]
a password with an open quote:
    env: [{name: DB_PASSWORD, value: "Kanar1en }]
a password that opens a template:
    env: [{name: DB_PASSWORD, value: {{Kanar1en}} }]
"""


def _planted() -> dict[str, str]:
    """A name at the start of a line, and below it what is planted in the container."""
    texts = re.split(r"^(?=\w)", PLANTED_TEXT, flags=re.MULTILINE)[1:]
    parts = (text.partition(":\n") for text in texts)
    return {name: textwrap.dedent(body) for name, _, body in parts}


PLANTED = _planted()
CONFIG_MAP = """\
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {CLIENT_SECRET: Kanar1en, plain: Kanar1en}
"""
FORMATS = [
    str(choice)
    for option in command.params
    if option.name == "formats" and isinstance(option.type, click.Choice)
    for choice in option.type.choices
]
CALLS = [
    ("explain",),
    ("check", "--profile=strict", "--verbose"),
    *(("check", "--profile=strict", f"--format={name}") for name in FORMATS),
]


def manifest(container: str) -> str:
    """The Deployment with more of its container, and its ConfigMap."""
    lines = "".join(f"        {line}\n" for line in container.rstrip("\n").split("\n"))
    return HEAD + lines + CONFIG_MAP


@pytest.mark.parametrize(("name", "call"), list(itertools.product(PLANTED, CALLS)), ids=str)
def test_a_secret_is_not_shown(run: Run, folder: Path, name: str, call: tuple[str, ...]) -> None:
    """Wherever it stands, in whatever form the report is, on either stream; not even its first letters."""
    (folder / "web.yaml").write_text(manifest(PLANTED[name]))
    ran = run(*call, "web.yaml")
    printed = ran.out + ran.err
    assert printed
    assert [] == [line for line in printed.splitlines() if "Kana" in line or "90210" in line or "vogel" in line]


@pytest.mark.parametrize("name", PLANTED)
def test_a_secret_is_not_in_the_summary_of_a_step(
    run: Run, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who sees the pull request sees it."""
    (folder / "web.yaml").write_text(manifest(PLANTED[name]))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    run("check", "--profile=strict", "--format=github", "web.yaml")
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    assert "### Gracekeeper" in summary
    assert [] == [line for line in summary.splitlines() if "Kana" in line or "90210" in line or "vogel" in line]


@pytest.mark.parametrize("name", PLANTED)
def test_a_secret_is_not_kept_in_a_baseline(run: Run, folder: Path, name: str) -> None:
    """It is a file for version control."""
    (folder / "web.yaml").write_text(manifest(PLANTED[name]))
    run("check", "--profile=strict", "web.yaml", "--baseline=known.json", "--write-baseline")
    kept = (folder / "known.json").read_text()
    assert kept.startswith('{"version": 1')
    assert [] == [line for line in kept.splitlines() if "Kana" in line or "90210" in line or "vogel" in line]


@pytest.mark.parametrize(
    "text", ["Kanar1en", "- Kanar1en", '"Kanar1en', '{"a": Kanar1en}', "--- Kanar1en", "a: 1\n...\nKanar1en"]
)
def test_a_file_that_is_just_a_secret_is_not_quoted(run: Run, folder: Path, text: str) -> None:
    """Somebody names the wrong file: its text does not land in a log."""
    (folder / "token.yaml").write_text(text)
    ran = run("check", "token.yaml")
    assert ran.err
    assert "Kana" not in ran.out + ran.err


def test_our_own_fault_does_not_quote_a_secret(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback that is asked for names code, not values; what an exception says may quote them."""
    (folder / "web.yaml").write_text(manifest(PLANTED["a variable"]))

    def fail(*_: object) -> None:
        raise KeyError("ne1ranaK"[::-1])

    monkeypatch.setattr("gracekeeper.cli.check.judged", fail)
    ran = run("check", "--verbose", "web.yaml")
    assert "KeyError" in ran.err
    assert "test_no_secret_is_shown.py" in ran.err
    assert "Kana" not in ran.out + ran.err
