"""Counts of the node's CPUs: what a script or a configuration file works out from them and from nothing else."""

from __future__ import annotations

import pytest

from gracekeeper_policies.process.node_cpus import NODE_CPUS, counts_in_shell
from gracekeeper_policies.process.python_settings import literal_assignments
from gracekeeper_policies.provenance import Known, Unknown


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("$(nproc)", True),
        ("$(nproc --all)", True),
        ("`nproc`", True),
        ("$(( $(nproc) * 2 + 1 ))", True),
        ("$((2*$(getconf _NPROCESSORS_ONLN)))", True),
        ("$(grep -c ^processor /proc/cpuinfo)", True),
        ("4", False),
        ("$(nproc | head -1)", False),
        ("$(( $(nproc) > 4 ? 4 : 2 ))", False),
        ("nproc", False),
    ],
)
def test_a_shells_word_counts_cpus(text: str, counted: bool) -> None:
    """Alone or in arithmetic; a condition may bound it."""
    assert counted is counts_in_shell(text)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("workers = multiprocessing.cpu_count()", True),
        ("workers = multiprocessing.cpu_count() * 2 + 1", True),
        ("workers = (os.cpu_count() or 1) * 2", True),
        ("workers = int(cpu_count() * 1.5)", True),
        ("cores = cpu_count()\nper_core = 2\nworkers = cores * per_core + 1", True),
        ("workers = min(multiprocessing.cpu_count(), 4)", False),
        ("workers = int(os.environ.get('WORKERS', cpu_count()))", False),
        ("workers = len(os.sched_getaffinity(0))", False),
        ("workers = per_core * cpu_count()", False),
        ("workers = 2 if cpu_count() > 8 else 1", False),
    ],
)
def test_a_configuration_file_counts_cpus(text: str, counted: bool) -> None:
    """Whatever may bound the number, or comes from elsewhere, is not claimed."""
    workers = literal_assignments(text)["workers"]
    assert counted is (isinstance(workers, Known) and workers.value == NODE_CPUS)
    assert counted or isinstance(workers, Unknown)
