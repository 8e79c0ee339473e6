"""How long `gracekeeper check` takes beside PyYAML's C loader alone, on the same files in the same run.

Both programs are run in pairs, start-up included, in alternating order; medians over all pairs are printed. Ratios
carry over from one machine to another, seconds do not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.manifests import write_faulty_folder, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PARSER_ALONE: Final = """\
import sys
from pathlib import Path
import yaml
for path in sorted(Path(sys.argv[1]).iterdir()):
    for document in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader):
        pass
"""


@dataclass(frozen=True)
class Run:
    """What one run took: processor and wall time in seconds, and the most memory of it or a child, in MiB."""

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Bench:
    """The programs that are measured, and how often."""

    pairs: int

    def checker(self, folder: Path, *options: str) -> list[str]:
        """`gracekeeper check` as its users call it, but for the exit status."""
        program = str(Path(sysconfig.get_path("scripts"), "gracekeeper"))
        form = () if "--format" in options else ("--format", "json")
        return [program, "check", *form, "--fail-on", "never", *options, str(folder)]

    def parser(self, folder: Path) -> list[str]:
        """PyYAML's C loader, which keeps nothing."""
        return [sys.executable, "-c", _PARSER_ALONE, str(folder)]

    def paired(self, one: Sequence[str], other: Sequence[str]) -> tuple[list[Run], list[Run]]:
        """Run both programs as often as asked for, each first in every other pair."""
        ones: list[Run] = []
        others: list[Run] = []
        for pair in range(self.pairs):
            both = [(ones, one), (others, other)]
            for runs, command in both if pair % 2 == 0 else reversed(both):
                runs.append(run(command))
        return ones, others

    def repeated(self, command: Sequence[str]) -> list[Run]:
        """Run one program as often as asked for."""
        return [run(command) for _ in range(self.pairs)]


def run(command: Sequence[str]) -> Run:
    """Run a program to its end."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed with {os.waitstatus_to_exitcode(status)}")
    # On Linux ru_maxrss counts KiB, and a process that it waited for counts as its own.
    return Run(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024)


def median(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The median of one figure."""
    return statistics.median(map(of, runs))


def ratios(checked: Sequence[Run], parsed: Sequence[Run], of: Callable[[Run], float]) -> str:
    """The median of the pairs' ratios, and between which they lie."""
    found = [of(check) / of(parse) for check, parse in zip(checked, parsed, strict=True)]
    return f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})"


def folder_beside_parser(bench: Bench, root: Path, count: int, *, of_moulds: bool) -> None:
    """One directory, against the parser."""
    folder = root / f"of-moulds-{of_moulds}"
    size = write_folder(folder, count, of_moulds=of_moulds)
    confirm(bench.checker(folder), count)
    what = "from sixty moulds" if of_moulds else "no two alike"
    print(
        f"\n{count} Deployments of {size / count / 1000:.1f} KB in one directory, {what}, {bench.pairs} pairs of runs\n"
    )
    print("| | processor s | wall s | ratio, processor | ratio, wall |\n| --- | --- | --- | --- | --- |")
    for jobs in ("1", ""):
        options = ("--jobs", jobs) if jobs else ()
        checked, parsed = bench.paired(bench.checker(folder, *options), bench.parser(folder))
        cpu, wall = median(checked, lambda each: each.cpu), median(checked, lambda each: each.wall)
        name = f"`check {' '.join(options)}`".replace(" `", "`")
        print(
            f"| {name} | {cpu:.2f} | {wall:.2f} "
            f"| {ratios(checked, parsed, lambda each: each.cpu)} | {ratios(checked, parsed, lambda each: each.wall)} |"
        )
    cpu, wall = median(parsed, lambda each: each.cpu), median(parsed, lambda each: each.wall)
    print(f"| PyYAML's C loader alone | {cpu:.2f} | {wall:.2f} | 1 | 1 |")


def formats(bench: Bench, root: Path, count: int) -> None:
    """Each form of a report against the text, where every workload has findings that can be fixed."""
    folder = root / "faulty"
    write_faulty_folder(folder, count)
    text = bench.checker(folder, "--jobs", "1", "--format", "text")
    found = json.loads(subprocess.run(bench.checker(folder), stdout=subprocess.PIPE, check=True).stdout)["findings"]
    print(f"\n{len(found)} findings in {count} Deployments, {bench.pairs} pairs of runs, `--jobs 1`\n")
    print("| form | processor s | ratio to text, processor |\n| --- | --- | --- |")
    for form in ("json", "sarif", "rdjson", "gitlab", "junit"):
        told, texts = bench.paired(bench.checker(folder, "--jobs", "1", "--format", form), text)
        cpu = median(told, lambda each: each.cpu)
        print(f"| `{form}` | {cpu:.2f} | {ratios(told, texts, lambda each: each.cpu)} |")


def one_file(bench: Bench, root: Path) -> None:
    """Mostly the start."""
    folder = root / "one"
    write_folder(folder, 1)
    runs = bench.repeated(bench.checker(folder))
    print(f"\nOne file: {median(runs, lambda each: each.cpu) * 1000:.0f} ms of processor time, start-up included")


def growth(bench: Bench, root: Path, most: int) -> None:
    """Time and memory as the number of manifests grows."""
    print("\n| manifests | processor ms each | memory MiB |\n| --- | --- | --- |")
    for count in (most // 20, most // 4, most):
        folder = root / f"growth-{count}"
        write_folder(folder, count)
        runs = bench.repeated(bench.checker(folder))
        each = median(runs, lambda run: run.cpu) * 1000 / count
        print(f"| {count} | {each:.2f} | {median(runs, lambda run: run.memory):.0f} |")


def confirm(checker: Sequence[str], count: int) -> None:
    """End here unless the checker judges all that was written, and the same with any number of processes."""
    outputs = [subprocess.run([*checker, "--jobs", jobs], stdout=subprocess.PIPE, check=True).stdout for jobs in "12"]
    if len({hashlib.sha256(output).digest() for output in outputs}) > 1:
        sys.exit("one process and two do not find the same")
    summary = json.loads(outputs[0])["summary"]
    if summary["workloads"] != count:
        sys.exit(f"{count} workloads were written, but the report is: {summary}")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--manifests", type=int, default=1000, help="Deployments in the directory (default: 1000)")
    arguments.add_argument("--most", type=int, default=20_000, help="where growth ends, 0 for none (default: 20000)")
    arguments.add_argument("--pairs", type=int, default=5, help="how many pairs of runs (default: 5)")
    options = arguments.parse_args()
    bench = Bench(options.pairs)
    with tempfile.TemporaryDirectory() as folder:
        for of_moulds in (True, False):
            folder_beside_parser(bench, Path(folder), options.manifests, of_moulds=of_moulds)
        formats(bench, Path(folder), options.manifests)
        one_file(bench, Path(folder))
        if options.most:
            growth(Bench(1), Path(folder), options.most)


if __name__ == "__main__":
    main()
