"""How long the HTML page of many workloads takes to write beside JSON, and to open and filter in headless Chromium."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from benchmarks.manifests import write_folder
from benchmarks.run import median, ratios, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser, Page

_PROGRAM: Final = "chromium-headless-shell"
# From an event to the end of the frame that shows what came of it.
_LAG: Final = """async () => {
    const began = performance.now();
    %s;
    await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)));
    return performance.now() - began;
}"""
_TYPE: Final = "q.value = '{}'; q.dispatchEvent(new Event('input', {{bubbles: true}}))"  # an id names its element
_ERRORS: Final = "document.querySelector('[name=severity][value=error]').click()"
_ACTS: Final = {
    "search for a word that many have": _TYPE.format("gunicorn"),
    "search for one workload": _TYPE.format("shop-01234"),
    "clear the search": _TYPE.format(""),
    "errors alone": _ERRORS,
    "all severities again": _ERRORS,
}


def write_pages(root: Path, count: int, pairs: int) -> Path:
    """Write the page and the same as JSON, in pairs, and print what they took."""
    folder, page = root / "manifests", root / "page.html"
    write_folder(folder, count)
    program = str(Path(sysconfig.get_path("scripts"), "gracekeeper"))
    command = [program, "check", "--fail-on", "never", str(folder), "--output"]
    html, json = [*command, str(page), "--format", "html"], [*command, str(root / "report.json"), "--format", "json"]
    pages, others = [], []
    for _ in range(pairs):
        pages.append(run(html))
        others.append(run(json))
    print(f"\n{count} Deployments, {pairs} pairs of runs; the page has {page.stat().st_size / 1e6:.1f} MB\n")
    print("| `check` | processor s | wall s | memory MiB |\n| --- | --- | --- | --- |")
    for name, runs in (("`--format html`", pages), ("`--format json`", others)):
        figures = [median(runs, of) for of in (lambda each: each.cpu, lambda each: each.wall, lambda each: each.memory)]
        print(f"| {name} | {figures[0]:.2f} | {figures[1]:.2f} | {figures[2]:.0f} |")
    print(f"\nRatio, processor: {ratios(pages, others, lambda each: each.cpu)}")
    return page


def opened(browser: Browser, page: Path) -> dict[str, float]:
    """Milliseconds until the page is loaded and shown, and of each act on it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto(page.as_uri(), wait_until="load")
    taken = {"open": _shown(tab)}
    tab.wait_for_timeout(2_000)  # as long as a person needs to see what there is
    for name, act in _ACTS.items():
        taken[name] = float(tab.evaluate(_LAG % act))
        tab.wait_for_timeout(300)
    context.close()
    return taken


def _shown(tab: Page) -> float:
    moment = "new Promise((shown) => requestAnimationFrame(() => setTimeout(() => shown(performance.now()))))"
    return float(tab.evaluate(moment))


def print_lags(runs: list[Mapping[str, float]]) -> None:
    """The median of each act, and between which it lies."""
    print("\n| in Chromium | ms |\n| --- | --- |")
    for name in runs[0]:
        figures = [run[name] for run in runs]
        print(f"| {name} | {statistics.median(figures):.0f} ({min(figures):.0f}-{max(figures):.0f}) |")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--manifests", type=int, default=2_000, help="Deployments on the page (default: 2000)")
    arguments.add_argument("--pairs", type=int, default=5, help="how many pairs of runs (default: 5)")
    options = arguments.parse_args()
    program = shutil.which(_PROGRAM)
    if program is None:
        sys.exit(f"There is no {_PROGRAM} here; Debian has a package of this name.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = write_pages(Path(folder), options.manifests, options.pairs)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        print_lags([opened(browser, page) for _ in range(options.pairs)])
        browser.close()


if __name__ == "__main__":
    main()
