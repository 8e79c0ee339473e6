"""The built-in policy as a file to start from: every field with what it means, every rule at hand."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Final

from gracekeeper.policyfiles import models
from gracekeeper.policyfiles.parameters import parameters
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper_policies.rule import Rule

_WIDTH: Final = 110
_WORD: Final = re.compile(r"[a-z]+(?:-[a-z]+)*\Z")
_HEAD: Final = f"""\
# Gracekeeper's built-in policy, which holds where no other one is written: a file to start from. Save it as
# gracekeeper.yaml in the root of your repository, and change what does not suit you. `#word` without a space is
# YAML that is switched off. `gracekeeper export schema` writes the schema by which an editor explains every field.
apiVersion: {models.API_VERSION}
kind: GracePolicy
metadata:
  name: {STANDARD.name}
spec:
"""
_EXAMPLES: Final = {
    "match": """\
  #match:
  #  kinds: [Deployment, StatefulSet]
  #  names: ["web-*"]
  #  namespaceSelector: {matchLabels: {team: shop}}
  #  objectSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [internal]}]}
""",
    "podTemplates": """\
  #podTemplates:
  #- {group: apps.example.com, kind: WebApp, path: spec.template}
""",
}


def starter(rules: Sequence[Rule]) -> str:
    """Write the policy; it reads back to exactly the built-in one."""
    return _HEAD + "\n".join(_fields(rules))


def _fields(rules: Sequence[Rule]) -> Iterator[str]:
    for field in models.PolicySpec.model_fields.values():
        name = str(field.alias)
        yield _comment(field.description or "") + (_rules(rules) if name == "rules" else _value(name, field.default))


def _value(name: str, default: object) -> str:
    return _EXAMPLES.get(name) or f"  {name}: {_yaml(default)}\n"


def _rules(rules: Sequence[Rule]) -> str:
    return "  rules:\n" + "".join(
        _comment(_about(rule), "    ") + f"    #{rule.id}: {_setting(rule)}\n" for rule in rules
    )


def _about(rule: Rule) -> str:
    return f"{rule.title} ({rule.card.severity.label}, from {rule.card.profile.label} on)"


def _setting(rule: Rule) -> str:
    defaults = ", ".join(f"{each.name}: {_yaml(each.default)}" for each in parameters(rule))
    return (
        f"{{mode: {STANDARD.mode.value}, parameters: {{{defaults}}}}}"
        if defaults
        else f"{{mode: {STANDARD.mode.value}}}"
    )


def _yaml(value: object) -> str:
    """A value as YAML in one line; a plain word stands without quotes."""
    return value if isinstance(value, str) and _WORD.match(value) else json.dumps(value)


def _comment(text: str, indent: str = "  ") -> str:
    lead = f"{indent}# "
    return "".join(f"{line}\n" for line in textwrap.wrap(text, _WIDTH, initial_indent=lead, subsequent_indent=lead))
