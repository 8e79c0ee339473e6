"""Writes the files that the program itself tells best: pages of rules and servers, help, schema, and quoted outputs.

`python -m gracekeeper.generate` writes those that are stale; with `--check` it names them and exits with status 1.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gracekeeper import chart
from gracekeeper.cli import NAME, program
from gracekeeper.cli.explain import NOTHING_JUDGED
from gracekeeper.cli.judging import Question, judged, today
from gracekeeper.metrics_table import metrics_page
from gracekeeper.policyfiles.crds import RESOURCES, crd_template
from gracekeeper.policyfiles.in_force import FILE, PolicyFiles
from gracekeeper.policyfiles.schema import schema_text
from gracekeeper.reports.explain import explain
from gracekeeper.reports.rule_markdown import markdown_catalogue, markdown_page
from gracekeeper.reports.style import Style
from gracekeeper.reports.text import text
from gracekeeper.server_pages.page import server_pages
from gracekeeper.settings_table import settings_page
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.kubernetes import ASSUMED
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

README: Final = "README.md"
_WIDTH: Final = 100
_CRDS: Final = f"{chart.FOLDER}/templates/crds"
_LANDMARK: Final = "policies/gracekeeper_policies/catalog.py"
_GENERATED_ALONE: Final = (f"{_CRDS}/*.yaml", "docs/rules/*.md", "docs/servers/*.md", "examples/*/expected.txt")
_HELP: Final = """\
<!-- Made by `make generate` from the program's own help: change that. -->

# The command line
"""
_OUTPUT: Final = re.compile(
    r"(?P<start><!-- output: (?P<verb>check|explain) (?P<path>\S+)(?P<first>, first finding)? -->\n)"
    r".*?(?P<end><!-- end of output -->\n)",
    re.DOTALL,
)
_FINDING: Final = re.compile(r"  (?:error|warning|note)  ")


@click.command("python -m gracekeeper.generate")
@click.option("--check", is_flag=True, help="Write nothing; name what is stale, and exit with status 1 if anything is.")
@click.option("--root", default=".", type=click.Path(), help="A folder in the checkout. [default: the current one]")
@click.pass_context
def command(context: click.Context, root: str, *, check: bool) -> None:
    """Write the generated files of a checkout of Gracekeeper anew, and remove those that nothing makes any more."""
    checkout = find_checkout(Path(root))
    if checkout is None:
        click.echo(
            f"{Path(root).resolve()} lies in no checkout of Gracekeeper; --root names a folder in one.", err=True
        )
        context.exit(2)
    made = generated(checkout)
    stale = stale_files(checkout, made)
    for name in stale:
        click.echo(f"stale: {name}" if check else _renewed(checkout, name, made))
    if check and stale:
        click.echo("`make generate` writes them anew.", err=True)
        context.exit(1)


def find_checkout(folder: Path) -> Path | None:
    """The folder itself or the nearest one above it that holds the project; None where none does."""
    here = folder.resolve()
    return next((each for each in (here, *here.parents) if (each / _LANDMARK).is_file()), None)


def generated(checkout: Path) -> dict[str, str]:
    """What each generated file holds, by its path from the checkout."""
    with contextlib.chdir(checkout):
        return dict(_files())


def stale_files(checkout: Path, made: Mapping[str, str]) -> list[str]:
    """The paths of generated files that are missing, differ, or are made by nothing any more; sorted."""
    found = {path.relative_to(checkout).as_posix() for glob in _GENERATED_ALONE for path in checkout.glob(glob)}
    differing = {name for name, content in made.items() if _content(checkout / name) != content.encode()}
    return sorted(differing | (found - made.keys()))


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _renewed(checkout: Path, name: str, made: Mapping[str, str]) -> str:
    file = checkout / name
    if name not in made:
        file.unlink()
        return f"removed: {name}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(made[name].encode())
    return f"written: {name}"


def _files() -> Iterator[tuple[str, str]]:
    yield "docs/rules/README.md", markdown_catalogue(RULES)
    yield from ((f"docs/rules/{rule.id}.md", markdown_page(rule)) for rule in RULES)
    yield from ((f"docs/servers/{name}", content) for name, content in server_pages())
    yield "docs/cli.md", _help()
    yield "docs/gracekeeper.schema.json", schema_text(RULES)
    yield "docs/settings.md", settings_page()
    yield "docs/metrics.md", metrics_page()
    yield from _chart()
    for manifest in sorted(Path("examples").glob("*/manifest.yaml")):
        yield (manifest.parent / "expected.txt").as_posix(), _check(manifest.parent.as_posix())
    yield README, _OUTPUT.sub(_output, Path(README).read_text(encoding="utf-8"))


def _chart() -> Iterator[tuple[str, str]]:
    folder = Path(chart.FOLDER)
    values = chart.values_text((folder / "values.yaml").read_text(encoding="utf-8"))
    readme = (folder / README).read_text(encoding="utf-8")
    yield (folder / "values.yaml").as_posix(), values
    yield (folder / "values.schema.json").as_posix(), chart.schema_text(values, RULES)
    yield (folder / README).as_posix(), chart.readme_text(readme, values)
    yield from ((f"{_CRDS}/{each.plural}.yaml", crd_template(each)) for each in RESOURCES)


def _help() -> str:
    top = click.Context(program, info_name=NAME, terminal_width=_WIDTH, **program.context_settings)
    verbs = [(name, program.get_command(top, name)) for name in program.list_commands(top)]
    contexts = [top, *(click.Context(verb, info_name=name, parent=top) for name, verb in verbs if verb)]
    return _HELP + "".join(f"\n## {each.command_path}\n\n```text\n{each.get_help()}\n```\n" for each in contexts)


def _output(block: re.Match[str]) -> str:
    lines = _VERBS[block["verb"]](block["path"]).splitlines()
    shown = _first_finding(lines) if block["first"] else lines
    call = f"$ {NAME} {block['verb']} {block['path']}"
    return "\n".join([f"{block['start']}```console", call, *shown, "```", block["end"]])


def _first_finding(lines: list[str]) -> list[str]:
    starts = [number for number, line in enumerate(lines) if _FINDING.match(line)]
    return [*lines[: starts[1]], "  …"] if len(starts) > 1 else lines


def _check(path: str) -> str:
    own = Path(path) / FILE
    policies = PolicyFiles([own.as_posix()], RULES, "default") if own.is_file() else STANDARD
    return text(judged(_question(path), policies), Style(_WIDTH))


def _explain(path: str) -> str:
    return explain(judged(_question(path), NOTHING_JUDGED).verdict.judged, Style(_WIDTH))


def _question(path: str) -> Question:
    return Question((path,), "default", ASSUMED, allow_empty=False, now=today())


_VERBS: Final[dict[str, Callable[[str], str]]] = {"check": _check, "explain": _explain}

if __name__ == "__main__":
    command()
