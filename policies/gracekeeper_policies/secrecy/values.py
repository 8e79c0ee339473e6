"""Which values are no secret whatever their name says: references, placeholders, switches, sizes, paths."""

from __future__ import annotations

import re
from typing import Final

from gracekeeper_policies.secrecy.names import Kind, is_of_secret_object, promise
from gracekeeper_policies.secrecy.pattern import Pattern

_SHORTEST_TOKEN: Final = 6
_SWITCHES: Final = frozenset(
    """- 0 1 any anything auto default disable disabled empty enable enabled false ignored n n/a na nil no no-key
    no-key-required none not-a-key not-needed not-required not-set not-used notneeded notset notused null off on
    optional required sk-no-key-required token-abc123 true undefined unset unused x y yes""".split()
)
_REFERENCE: Final = Pattern(
    r"""
    \$[A-Za-z_]\w*\Z | .*(?:\$\(|\$\{|\$[A-Z_]{2}|\{\{|\{%|<%|\#\{|\$\[|\(\()   # shell, kubelet, Jinja, ERB, Concourse
    | <.*> | %\w+% | @\w+@ | __\w+__ | \[\[?[A-Za-z_ -]+\]?\] | \{\w+\}   # templates of other kinds
    | [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z                     # MY_API_KEY: the name of what stands there later
    | (?:vault|secret|secrets|file|env|sm|gcp-sm|awssm|ssm|op|ref|ref\+\w+|akvs|gsm|arn|k8s|azurekeyvault|doppler):
    | .*@azurekeyvault\Z | projects/.*/secrets/ | ENC\[ | secretref | Ag[A-Za-z0-9+/]{300}   # stores, and the encrypted
    | sha(?:1|256|512):|argon2:|bcrypt|pbkdf2|scrypt:|\{SSHA\}|md5[0-9a-f]{32}\Z   # hashes
    | \$(?:2[aby]|argon2|scrypt|[156])\$
    """,
    re.VERBOSE | re.DOTALL,
)
_FILLER: Final = Pattern(
    r"""
    (?i:[x*.?#_=-]{2,}|0+|(?:1234567890)+|abc|foo|bar|baz|foobar)\Z
    | .*(?i:\byour|your[-_ ]|[-_ ]here\b|place_?-?holder|dummy|\bfake|redacted|\btodo\b|fixme|\btbd\b|\binsert|\benter\b
        |replace[-_ ]?(?:me|with|this)|fill[-_ ]?(?:me|in)|put[-_ ]?your|set[-_ ]?me|to[-_ ]be[-_ ]set|overrid|supplied
        |<|example|x{6,}|\*{4,})
    """,
    re.VERBOSE | re.DOTALL,
)
_PATH: Final = Pattern(r"(?:~?/|\.\.?/|[A-Za-z]:\\)[^\s]*\Z|[\w./-]+\.(?:json|pem|key|txt|crt|env|ya?ml|conf)\Z")
_ADDRESS: Final = Pattern(r"[a-z][a-z0-9+.-]*://\S*\Z", re.IGNORECASE)
_OBJECT_NAME: Final = Pattern(r"[a-z]+(?:[-./][a-z0-9]+)*\Z")
_DIGITS: Final = Pattern(r"[-+]?\d+(?:\.\d+)?(?:[a-zA-Z]{1,2})?\Z")
_SEPARATOR: Final = Pattern(r"[\W_]+")
_SENTENCE: Final = Pattern(r"\S+\s+\S+\s+\S+\s+\S")


def is_filler(value: str) -> bool:
    """Tell whether a value only stands for another one: a reference, a placeholder, a switch, or nothing."""
    text = value.strip().strip("'\"")
    return (
        text.lower() in _SWITCHES or not text or bool(_REFERENCE.compiled.match(text) or _FILLER.compiled.match(text))
    )


def told_by_name(name: str, value: str) -> Kind | None:
    """What a value is, going by its name; None where the name promises nothing or the value does not keep it."""
    kind = promise(name)
    if kind is None or is_filler(value) or _bare(value) == _bare(name):
        return None
    if kind is not Kind.PASSWORD and _is_no_key(value):
        return None
    if is_of_secret_object(name) and _OBJECT_NAME.compiled.match(value):
        return None
    return None if _PATH.compiled.match(value) or _ADDRESS.compiled.match(value) else kind


def _bare(text: str) -> str:
    return _SEPARATOR.compiled.sub("", text).lower()


def _is_no_key(value: str) -> bool:
    return len(value) < _SHORTEST_TOKEN or bool(_DIGITS.compiled.match(value) or _SENTENCE.compiled.match(value))
