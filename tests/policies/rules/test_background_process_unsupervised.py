"""Unsupervised background processes: what is claimed depends on how the script waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Verdict

POD = """
containers:
- name: web
  image: shop/web:1.4.2
  command: [bash, -c, "celery -A shop worker & gunicorn shop.wsgi & {wait}"]
"""
BESIDE = """
containers:
- name: web
  image: shop/web:1.4.2
  command: [bash, -c, "/exporter & exec {main}"]
"""


@pytest.mark.parametrize(("wait", "unnoticed"), [("wait", True), ("wait -n", False)])
def test_a_script_may_end_with_the_first_of_its_processes(
    verdict: Callable[..., Verdict], wait: str, unnoticed: bool
) -> None:
    """Then the container ends too and is restarted; else nobody notices."""
    rulings = verdict(POD.format(wait=wait)).rulings
    (message,) = [each.finding.message for each in rulings if each.rule.id == "background-process-unsupervised"]
    assert unnoticed is message.endswith("When it dies earlier, the container goes on without it.")


@pytest.mark.parametrize(
    ("main", "advised"), [("gunicorn --bind :8000 app:app", True), ("celery -A shop worker", False)]
)
def test_an_init_is_advised_where_the_server_takes_no_harm(
    verdict: Callable[..., Verdict], main: str, *, advised: bool
) -> None:
    """dumb-init would end the processes of celery's pool too."""
    rulings = verdict(BESIDE.format(main=main)).rulings
    (remedies,) = [each.finding.remedies for each in rulings if each.rule.id == "background-process-unsupervised"]
    assert advised is ("dumb-init" in str(remedies))
