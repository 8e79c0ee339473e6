"""The generated files: fresh in this repository, and what is stale in another is named and mended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from gracekeeper.generate import command, find_checkout, generated, stale_files
from gracekeeper.policyfiles.crds import RESOURCES
from gracekeeper.server_pages.families import families
from gracekeeper_policies.catalog import RULES

ROOT: Final = Path(__file__).parents[2]
README: Final = """\
# A product

<!-- output: check examples/01-web, first finding -->
Anything.
<!-- end of output -->

After it.
"""
MANIFEST: Final = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, "app:app"]}
"""
VALUES: Final = """\
# How many there are.
replicas: 2
# <!-- settings -->
settings: {}
# <!-- end of settings -->
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small repository with one example and nothing generated yet."""
    for name, content in {
        "README.md": README,
        "charts/gracekeeper/README.md": "# A chart\n\n<!-- values -->\n<!-- end of values -->\n",
        "charts/gracekeeper/values.yaml": VALUES,
        "examples/01-web/manifest.yaml": MANIFEST,
        "policies/gracekeeper_policies/catalog.py": "",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return tmp_path


def generate(*words: str) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(command, words, catch_exceptions=False)


def test_everything_generated_is_fresh() -> None:
    """Who changes a rule, an option or an output also runs `make generate`."""
    result = subprocess.run(
        [sys.executable, "-m", "gracekeeper.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )

    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_writing_twice_changes_nothing(checkout: Path) -> None:
    """The first run writes pages, help, schema, chart, outputs and the README; the second nothing."""
    first, second = generate("--root", str(checkout)), generate("--root", str(checkout))

    assert len(first.output.splitlines()) == len(RULES) + 11 + len(families()) + len(RESOURCES)
    assert (second.output, second.exit_code) == ("", 0)
    assert stale_files(checkout, generated(checkout)) == []


def test_a_changed_page_is_stale(checkout: Path) -> None:
    """A page changed by hand is named, and left as it is under `--check`."""
    generate("--root", str(checkout))
    page = checkout / "docs/rules/run-as-root.md"
    page.write_text("Changed by hand.\n", encoding="utf-8")
    result = generate("--check", "--root", str(checkout))

    assert (result.stdout, result.stderr) == (
        "stale: docs/rules/run-as-root.md\n",
        "`make generate` writes them anew.\n",
    )
    assert result.exit_code == 1
    assert page.read_text(encoding="utf-8") == "Changed by hand.\n"


@pytest.mark.parametrize(
    "name", ["docs/rules/no-such-rule.md", "docs/servers/no-such-server.md", "examples/00-gone/expected.txt"]
)
def test_a_page_that_nothing_makes_any_more_is_stale_and_goes(checkout: Path, name: str) -> None:
    """What a removed rule or example left behind is named, then removed."""
    generate("--root", str(checkout))
    leftover = checkout / name
    leftover.parent.mkdir(exist_ok=True)
    leftover.touch()

    assert generate("--check", "--root", str(checkout)).stdout == f"stale: {name}\n"
    assert generate("--root", str(checkout)).output == f"removed: {name}\n"
    assert not leftover.exists()


def test_the_readme_gets_its_output_and_keeps_the_rest(checkout: Path) -> None:
    """Between its marks stand the call and the first of its findings; what stands around them is left alone."""
    readme = generated(checkout)["README.md"]
    expected = generated(checkout)["examples/01-web/expected.txt"]
    start, _, rest = readme.partition("```console\n")
    block, _, end = rest.partition("```\n")

    assert start == README.partition("Anything.")[0]
    assert end == README.partition("Anything.\n")[2]
    assert block.startswith("$ gracekeeper check examples/01-web\nexamples/01-web/manifest.yaml · Pod default/web")
    assert block.endswith("\n  …\n")
    assert block.partition("\n")[2].removesuffix("  …\n") in expected


def test_a_folder_of_the_checkout_is_enough(checkout: Path) -> None:
    """Run in a folder below, it finds the root by itself."""
    assert find_checkout(checkout / "examples") == checkout


def test_outside_of_a_checkout_one_sentence_says_so(tmp_path: Path) -> None:
    """Nothing is written where the project does not lie."""
    result = generate("--root", str(tmp_path))

    assert result.stderr == f"{tmp_path} lies in no checkout of Gracekeeper; --root names a folder in one.\n"
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []
