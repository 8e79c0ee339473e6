"""A password, key or token is written into the manifest.

## What it does
Looks for literal secrets in `env`, `command`, `args` and annotations. They are told by their names (a variable, flag or
key that ends in PASSWORD, SECRET_KEY, TOKEN and the like; PASSWORD_FILE, TOKEN_TTL and SECRET_NAME are something
else) and by their shapes: a URL with a password, a private key, a token in the format of its maker. A value that is
only as random as a key is suspected. References such as `$(DB_PASSWORD)` or `${TOKEN}`, templates, placeholders such
as `<your-token>`, paths and the names of Secret objects are no secrets. `changeme` and `admin` are: under a
password's name they are what the program runs with. No output ever shows a value, only the variable's name.

## Why it matters
Whoever reads the Deployment, the repository, its history or a CI log has the secret, and `kubectl describe` shows it.
A default password is known without reading anything.

## What to do
Put the value into a Secret and refer to it by `valueFrom.secretKeyRef`; an argument takes it as `$(NAME)`. Replace the
secret itself too: it stays in the history.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.container import Role
from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card
from gracekeeper_policies.secrecy import in_variable, in_words, suspects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.secrecy import Secret
    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/secrets-good-practices/",),
)
_ENOUGH: Final = 20
"""Secrets of one command line that are reported."""
_COPY_OF_ALL: Final = "kubectl.kubernetes.io/last-applied-configuration"


def check(workload: Workload) -> Iterator[Finding]:
    """Look at every literal that becomes a variable, an argument or an annotation."""
    for container in workload.containers:
        if container.role is not Role.EPHEMERAL:
            yield from _in_env(container)
            yield from _in_words(container, "command", container.spec.command)
            yield from _in_words(container, "args", container.spec.args)
    for path, texts in workload.all_annotations:
        yield from _in_annotations(path, texts)


def _in_env(container: Container) -> Iterator[Finding]:
    literals = [(number, entry) for number, entry in enumerate(container.spec.env) if entry.value]
    for suspect in suspects([(entry.name, entry.value) for _, entry in literals]):
        number, entry = literals[suspect]
        secret = in_variable(entry.name, entry.value)
        if secret is not None:
            reference = f"{entry.name}: valueFrom: {{secretKeyRef: {{name: {container.name}, key: {entry.name}}}}}"
            yield _finding(
                (*container.path, "env", number, "value"),
                f"The variable {entry.name} holds {secret.what} in plain text",
                secret,
                f"take it from a Secret: {reference}",
            )


def _in_words(container: Container, field: str, words: tuple[str, ...]) -> Iterator[Finding]:
    for number, secret in islice(in_words(words), _ENOUGH):
        name = _variable(secret)
        yield _finding(
            (*container.path, field, number),
            f"The command line holds {secret.what}{f' as {secret.name}' if secret.name else ''} in plain text",
            secret,
            f"take it from a Secret as a variable {name} by secretKeyRef, and write $({name}) in its place",
        )


def _variable(secret: Secret) -> str:
    return secret.name.strip("-").upper().replace("-", "_").replace(".", "_") or "SECRET"


def _in_annotations(path: Path, texts: Mapping[str, str]) -> Iterator[Finding]:
    for name, text in texts.items():
        secret = in_variable(name, text) if name != _COPY_OF_ALL else None
        if secret is not None and not secret.doubt:
            message = f"The annotation {name} holds {secret.what} in plain text"
            yield _finding((*path, name), message, secret, "keep it in a Secret, and name the Secret in the annotation")


def _finding(at: Path, message: str, secret: Secret, remedy: str) -> Finding:
    return Finding(
        at=at,
        message=f"{message}: whoever reads the manifest, its history or the output of kubectl has it.",
        remedies=(Advice(remedy, "and replace the secret itself: it stays in the history"),),
        doubt=secret.doubt,
        evidence=(Evidence("told by", secret.what, secret.name or "its shape"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a password in a variable": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - name: DB_PASSWORD
            value: changeme  # finding
    """,
    "a URL with a password": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - name: DATABASE_URL
            value: postgres://shop:tr0ub4dor@db/shop  # finding
    """,
    "a token among the arguments": """
        containers:
        - name: web
          image: shop/web:1.4.2
          args:
          - serve
          - --api-token
          - 3b9af7c2d1e8  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a variable from a Secret, and an address that is made of it": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
          - {name: DATABASE_URL, value: "postgres://shop:$(DB_PASSWORD)@db/shop"}
    """,
    "where a secret is to be found, and how long it lives": """
        containers:
        - name: web
          image: shop/web:1.4.2
          args: [serve, --password-file, /run/secrets/db]
          env:
          - {name: DB_PASSWORD_FILE, value: /run/secrets/db}
          - {name: TOKEN_TTL, value: "3600"}
          - {name: TLS_SECRET, value: web-tls}
    """,
}
