"""Which names promise a secret: those that end in one of its words, such as DB_PASSWORD, clientSecret or --api-key.

What follows that word makes the name another thing (PASSWORD_FILE, TOKEN_TTL, SECRET_NAME), so only the end counts.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from gracekeeper_policies.remembered import remembered


class Kind(enum.Enum):
    """What a name promises; the value is what a sentence calls it."""

    PASSWORD = "a password"  # noqa: S105 - the words of a sentence
    TOKEN = "a token"  # noqa: S105 - the words of a sentence
    SECRET = "a secret"  # noqa: S105 - the words of a sentence
    KEY = "a key"


_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENDINGS: Final = {
    Kind.PASSWORD: ("password", "passwd", "passphrase", "passcode", "pwd"),
    Kind.TOKEN: ("token", "authorization", "bearer", "dockerconfigjson", "dockercfg"),
    Kind.SECRET: ("secret",),
    Kind.KEY: ("apikey", "apikeys", "secretkey", "privatekey", "fernetkey", "licensekey", "licencekey"),
}
# This only saves time: each word that promises a secret holds one of these.
_PROMISING: Final = re.compile("pass|pwd|token|authorization|bearer|dockerc|secret|key|salt")
_PASS: Final = frozenset({"pass", "userpass", "rootpass", "dbpass", "mypass", "requirepass"})
# Words that make a name that ends in KEY a secret's.
_KEYS_OF: Final = frozenset(
    """account admin api app auth cipher cookie crypto deploy encryption encrypt decryption fernet hmac instrumentation
    jwt license licence master private secret session shared signature signing ssh storage webhook""".split()
)
# These may follow the word that counts.
_NEUTRAL: Final = frozenset(
    "b64 base base64 current default dev hex new old plain plaintext previous prod production staging string test text "
    "value".split()
)
# These turn what follows into something else: a switch, a public key, a word of a language model.
_NO_SECRET: Final = frozenset(
    """allow ask bos checksum cls create csrftoken design disable disabled enable enabled encrypted end eos fetch first
    force generate has hash hashed ignore image is mask max min multi next no pad per print prompt public
    publishable quote require required reset revoke rotate sep sha256 show single site skip special start stop unk
    use verify with without""".split()
)
_WORKING_DIRECTORIES: Final = (["pwd"], ["oldpwd"])
_OF_ETCD: Final = ["initial", "cluster", "token"]  # the name of a cluster


def may_promise(names: str) -> bool:
    """Tell quickly whether a look at a name is worth while, or at any of several in one text."""
    return _PROMISING.search(names.lower()) is not None


@remembered(4096)
def promise(name: str) -> Kind | None:
    """What the name of a variable, a flag or a key promises; None where it promises no secret."""
    if not may_promise(name):
        return None
    parts = [part.lower() for part in _PART.findall(name)]
    while parts and (parts[-1] in _NEUTRAL or parts[-1].isdecimal()):
        parts.pop()
    if not parts or not _NO_SECRET.isdisjoint(parts) or parts in _WORKING_DIRECTORIES or parts[-3:] == _OF_ETCD:
        return None
    return _ending(parts)


def _ending(parts: list[str]) -> Kind | None:
    last = Kind.PASSWORD if parts[-1] in _PASS else None
    kind = last or next((kind for kind, endings in _ENDINGS.items() if parts[-1].endswith(endings)), None)
    if kind is None and parts[-1] in ("key", "keys") and not _KEYS_OF.isdisjoint(parts[-3:-1]):
        return Kind.KEY
    # A salt is a secret where it seasons passwords or is named after them.
    return Kind.SECRET if parts[-1] == "salt" and len(parts) > 1 else kind


@remembered(4096)
def is_of_secret_object(name: str) -> bool:
    """Tell whether a name may as well hold the name of a Secret object: TLS_SECRET, but not CLIENT_SECRET."""
    parts = [part.lower() for part in _PART.findall(name)]
    return promise(name) is Kind.SECRET and _OWN_SECRETS.isdisjoint(parts)


_OWN_SECRETS: Final = frozenset(
    """app auth client cookie consumer csrf django encryption flask hmac jwt oauth salt session shared signing
    webhook""".split()
)
