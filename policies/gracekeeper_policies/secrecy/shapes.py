"""What is a secret by its shape, whatever its name: URLs with passwords, keys in the formats of their makers, noise.

The formats are those that the makers publish, or that detect-secrets 1.5 knows. Each match is the secret itself.
"""

from __future__ import annotations

import binascii
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.secrecy.pattern import Pattern
from gracekeeper_policies.secrecy.values import is_filler

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMATS: Final = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})",
    "a GitLab token": r"\bgl(?:pat|dt|rt|soat|ptt|cbt|agent|ft|imt)-[\w-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}",
    "a Slack webhook": r"hooks\.slack\.com/services/T\w{7,}/B\w{7,}/\w{20,}",
    "a Stripe key": r"\b(?:[rs]k_live|[rs]k_test|whsec)_[0-9a-zA-Z]{20,}",
    "a Google API key": r"\bAIza[\w-]{35}",
    "a Google token": r"\b(?:ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})",
    "an OpenAI or Anthropic key": r"\bsk-(?:proj-|svcacct-|ant-)?[A-Za-z0-9][\w-]{18,}[A-Za-z0-9]",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a PyPI token": r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}",
    "a SendGrid key": r"\bSG\.[\w-]{22}\.[\w-]{43}",
    "a Mailchimp key": r"\b[0-9a-f]{32}-us\d{1,2}\b",
    "a Telegram token": r"\b\d{8,10}:AA[\w-]{33}\b",
    "a DigitalOcean token": r"\bdo[opr]_v1_[0-9a-f]{64}",
    "a Vault token": r"\bhv[sb]\.[\w-]{24,}",
    "a Square token": r"\bsq0(?:csp|atp)-[\w-]{22,}",
    "a New Relic key": r"\bNRAK-[A-Z0-9]{27}\b",
    "a Databricks token": r"\bdapi[0-9a-f]{32}\b",
    "a Django SECRET_KEY": r"django-insecure-\S{20,}",
    "a JSON Web Token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "a private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END).)*",
    "an Azure storage key": r"(?<=AccountKey=)[A-Za-z0-9+/]{80,}={0,2}",
}
# Alternatives that start with plain characters are many times faster to search for.
_MAY_BE_A_KEY: Final = re.compile(
    "AKIA|ASIA|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox|xapp-|hooks.slack.com|[rs]k_|whsec_|AIza|ya29|GOCSPX-|sk-|hf_"
    "|npm_|pypi-|SG[.]|-us[0-9]|:AA|do[opr]_v1_|hv[sb][.]|sq0|NRAK-|dapi|django-insecure-|eyJ|-----BEGIN|AccountKey="
)
# In a long text, such as a file that somebody put into a variable, plain words are found many times faster than any
# pattern. Each format holds one of them.
_MARKS: Final = tuple(
    "AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glsoat- glptt- glcbt- glagent- glft- glimt- xox "
    "xapp- hooks.slack.com k_live_ k_test_ whsec_ AIza ya29. GOCSPX- sk- hf_ npm_ pypi- SG. -us :AA doo_v1_ dop_v1_ "
    "dor_v1_ hvs. hvb. sq0 NRAK- dapi django-insecure- eyJ -----BEGIN AccountKey=".split()
)
_LONG: Final = 4096
_FORMAT: Final = Pattern("|".join(f"({pattern})" for pattern in _FORMATS.values()), re.DOTALL)
_KINDS: Final = tuple(_FORMATS)
_SHORTEST_FORMAT: Final = 20
# The password may hold any character but these; an address ends at the last @ before its path.
_URL: Final = Pattern(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<user>[^\s/:@'\"]*):(?P<password>[^\s/'\"]+)@")

_SHORTEST_NOISE: Final = 32
_NOISE: Final = Pattern(rf"[A-Za-z0-9+/_-]{{{_SHORTEST_NOISE},}}={{0,2}}\Z")
_LEAST_BITS: Final = 4.6  # per character, of 64 letters; words and paths stay below 4.2
_CLASSES: Final = (Pattern(r"[a-z]"), Pattern(r"[A-Z]"), Pattern(r"\d.*\d.*\d"))


def may_be_shaped(text: str) -> bool:
    """Tell quickly whether a look at a text is worth while."""
    return ("://" in text and "@" in text) or _may_be_a_key(text)


def _may_be_a_key(text: str) -> bool:
    if len(text) >= _LONG and not any(mark in text for mark in _MARKS):
        return False
    return _MAY_BE_A_KEY.search(text) is not None


def shaped(text: str) -> Iterator[tuple[str, str]]:
    """Every secret in a text that its shape gives away: what it is, and itself."""
    if "://" in text and "@" in text:
        for match in _URL.compiled.finditer(text):
            if not is_filler(match["password"]):
                yield "a URL with a password", match["password"]
    if len(text) >= _SHORTEST_FORMAT and _may_be_a_key(text):
        for match in _FORMAT.compiled.finditer(text):
            if not is_filler(match[0]) and not _is_repeated(match[0]):
                yield _KINDS[(match.lastindex or 1) - 1], match[0]


def may_be_noise(text: str) -> bool:
    """Tell quickly whether a text is as long and as mixed as a key."""
    return _SHORTEST_NOISE <= len(text) < _LONG and not text.islower() and not text.isupper()


def is_noise(text: str) -> bool:
    """Tell whether a text is as random as a key: long, of mixed characters, and nothing once it is decoded.

    A text of several pages is no key, but a file that somebody has encoded.
    """
    if not may_be_noise(text):
        return False
    if not _NOISE.compiled.match(text) or not all(pattern.compiled.search(text) for pattern in _CLASSES):
        return False
    bits = -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
    return bits >= _LEAST_BITS and not _encodes_text(text)


_REPEATED: Final = Pattern(r"([xX0*.])\1{5}|(?i:your)")


def _is_repeated(text: str) -> bool:
    # xoxb-xxxxxxxxxxxx and its like show a format.
    return _REPEATED.compiled.search(text) is not None


def _encodes_text(text: str) -> bool:
    try:
        decoded = binascii.a2b_base64(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return False
    return all(byte in b"\t\n\r" or 0x20 <= byte < 0x7F for byte in decoded)  # noqa: PLR2004 - printable ASCII
