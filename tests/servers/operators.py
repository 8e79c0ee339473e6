"""Every situation in which an operator is stopped while one of its handlers runs."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Fate, Proof

_KOPF: Final = "kopf run {apps}/kopfed.py -n default --standalone"
WITHIN: Final = 1.0
"""Seconds of a handler that is over before kopf cancels it."""

OPERATORS: Final = (
    Proof(line=_KOPF, hold=WITHIN),
    Proof(line=_KOPF, hold=LONG, fate=Fate.RETURNED),
    Proof(line=_KOPF, hold=LONG, fate=Fate.RETURNED, signal="SIGINT"),
    Proof(line=_KOPF, signal="SIGQUIT"),
    Proof(line=_KOPF, hold=LONG, fate=Fate.RETURNED, again=0.3),
)
