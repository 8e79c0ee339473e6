"""Files, directories and standard input become documents; what is left out is said."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from gracekeeper.sources.input import Input, read
from gracekeeper.sources.problems import Problem, Skipped

Tree = Callable[[dict[str, str]], None]

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Write files, given by path and content, into an empty directory and make it the working directory."""
    monkeypatch.chdir(tmp_path)

    def write(contents: dict[str, str]) -> None:
        for name, content in contents.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")

    return write


def names(found: Input) -> list[object]:
    """The names of the objects, in the order in which they came out."""
    return [document.metadata["name"] for document in found.documents]


def pod(name: str) -> str:
    """A manifest."""
    return POD.replace("NAME", name)


def test_a_directory_gives_its_manifests_in_order(tree: Tree) -> None:
    """YAML and JSON files are read, in subdirectories too, sorted by path; other files are not."""
    tree(
        {
            "b/z.yaml": pod("z"),
            "b/a.yml": pod("a"),
            "a.json": '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "json"}}',
            "b/README.md": pod("readme"),
            "c.YAML": pod("upper"),
        }
    )

    found = read(["."])

    assert names(found) == ["json", "a", "z", "upper"]
    assert [document.origin for document in found.documents] == ["a.json", "b/a.yml", "b/z.yaml", "c.YAML"]
    assert (found.problems, found.empty, found.skipped, found.not_kubernetes) == ((), (), (), 0)


def test_the_order_of_arguments_does_not_matter(tree: Tree) -> None:
    """Files named twice, by different ways, are read once, and the result is the same in any order."""
    tree({"a.yaml": pod("a"), "d/b.yaml": pod("b")})
    Path("link.yaml").symlink_to("a.yaml")

    one = read(["d", "a.yaml", "./a.yaml", "d/../d/b.yaml", "link.yaml", "."])
    other = read([".", "link.yaml", "d/../d/b.yaml", "a.yaml", "d"])

    assert ["a", "b"] == names(one) == names(other)
    assert [document.origin for document in one.documents] == [document.origin for document in other.documents]


def test_standard_input_is_a_file_called_dash() -> None:
    """Documents of standard input come from `-`, with lists taken apart."""
    found = read(["-"], stdin=BytesIO(f"{pod('a')}---\n{pod('b')}".encode()))

    assert [(d.origin, d.index, d.metadata["name"]) for d in found.documents] == [("-", 0, "a"), ("-", 1, "b")]
    assert found.line_text("-", 3) == "metadata: {name: a}"


def test_lists_are_taken_apart(tree: Tree) -> None:
    """Each item of a List is a document of its own, in Lists inside Lists too."""
    tree(
        {
            "list.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n"
            "- {apiVersion: v1, kind: PodList, items: [{apiVersion: v1, kind: Pod}]}\n"
        }
    )

    assert [document.base for document in read(["."]).documents] == [("items", 0), ("items", 1, "items", 0)]


def test_other_files_of_a_directory_are_counted(tree: Tree) -> None:
    """What holds no Kubernetes object is counted and no problem, even when it is no YAML at all."""
    tree(
        {
            "values.yaml": "replicas: 3\n",
            "tsconfig.json": "{ // comment\n}",
            "list.yaml": "- apiVersion\n- kind\n",
            "Chart.yaml": "apiVersion: v2\nname: kind\n",
            "empty.yaml": "",
        }
    )

    found = read(["."])

    assert (found.problems, found.empty, found.not_kubernetes) == ((), (), 5)


def test_the_same_files_named_are_problems(tree: Tree) -> None:
    """Who names a file expects Kubernetes objects in it."""
    tree({"values.yaml": "replicas: 3\n", "empty.yaml": ""})

    found = read(["values.yaml", "empty.yaml"])

    message = "found a mapping without `apiVersion` and `kind`, which every Kubernetes object has"
    assert found.problems == (Problem("values.yaml", 1, 1, message),)
    assert found.empty == (Problem("empty.yaml", 1, 1, "is empty, expected at least one Kubernetes object"),)


def test_a_stranger_among_objects_is_a_problem(tree: Tree) -> None:
    """A document without a kind beside Kubernetes objects is a slip, not another kind of file."""
    tree({"a.yaml": pod("a") + "---\napiVersion: v1\nmetadata: {}\n"})

    found = read(["."])

    message = "found a mapping without `kind`, which every Kubernetes object has"
    assert found.problems == (Problem("a.yaml", 5, 1, message),)
    assert found.not_kubernetes == 0


def test_a_broken_file_does_not_hide_the_others(tree: Tree) -> None:
    """A manifest that cannot be parsed is a problem, the others are read."""
    tree({"a.yaml": pod("a"), "b.yaml": "apiVersion: v1\nkind: [\n", "c.yaml": pod("c")})

    found = read(["."])

    assert names(found) == ["a", "c"]
    assert [problem.file for problem in found.problems] == ["b.yaml"]


def test_hidden_directories_are_not_searched(tree: Tree) -> None:
    """What git and others keep for themselves is not the user's; named, it is read."""
    tree({".git/a.yaml": pod("git"), ".hidden.yaml": pod("file")})

    assert names(read(["."])) == ["file"]
    assert names(read([".git"])) == ["git"]


def test_templates_of_a_chart_are_left_out_and_said(tree: Tree) -> None:
    """A chart's templates are no YAML before Helm has rendered them; its CRDs are."""
    tree(
        {
            "chart/Chart.yaml": "apiVersion: v2\nname: x\n",
            "chart/templates/deploy.yaml": "kind: {{ .Values.kind }}\n",
            "chart/crds/crd.yaml": pod("crd"),
            "other/templates/deploy.yaml": pod("plain"),
        }
    )

    found = read(["."])

    assert names(found) == ["crd", "plain"]
    reason = "templates of a Helm chart; judge them rendered: `gracekeeper check --helm CHART`"
    assert found.skipped == (Skipped("chart/templates", reason),)


def test_a_template_by_name_says_how_to_render_it(tree: Tree) -> None:
    """Who names a template gets told about `helm template`."""
    tree({"chart/Chart.yaml": "", "chart/templates/deploy.yaml": "{{ if .Values.x }}\nkind: Pod\n{{ end }}\n"})

    found = read(["chart/templates/deploy.yaml"])

    message = (
        "found `{{` of a template that is not rendered: render it first, as in `helm template … | gracekeeper check -`"
    )
    assert found.problems == (Problem("chart/templates/deploy.yaml", 1, 1, message),)


@pytest.mark.parametrize("named", [False, True], ids=["in a directory", "by name"])
def test_patches_of_a_kustomization_are_left_out_and_said(tree: Tree, named: bool) -> None:
    """Patches are fragments: each way of listing them is known, inline patches are no files."""
    tree(
        {
            "overlay/kustomization.yaml": "resources: [pod.yaml]\n"
            "patches:\n- path: one.yaml\n- patch: |\n    kind: Pod\n- two.yaml\n"
            "patchesStrategicMerge:\n- ../base/three.yaml\n- |\n  kind: Pod\n"
            "patchesJson6902:\n- path: four.json\n  target: {kind: Pod}\n",
            "overlay/pod.yaml": pod("pod"),
            "overlay/one.yaml": pod("one"),
            "overlay/two.yaml": pod("two"),
            "base/three.yaml": pod("three"),
            "overlay/four.json": '[{"op": "remove", "path": "/kind"}]',
        }
    )

    found = read(["overlay/pod.yaml", "overlay/one.yaml", "overlay/two.yaml"] if named else ["."])

    render = "`gracekeeper check --kustomize overlay`"
    reason = f"a patch of overlay/kustomization.yaml, which means nothing alone; judge {render}"
    patches = ["overlay/one.yaml"] if named else ["base/three.yaml", "overlay/four.json", "overlay/one.yaml"]
    assert names(found) == ["pod", "two"]
    assert tuple(Skipped(file, reason) for file in patches) == found.skipped


@pytest.mark.parametrize("content", ["patches: [\n", "- a\n", "patches: web\n", "\xff", ""])
def test_a_broken_kustomization_lists_nothing(tree: Tree, content: str) -> None:
    """The files beside it are judged as they stand."""
    tree({"kustomization.yaml": content, "a.yaml": pod("a")})

    assert names(read(["."])) == ["a"]


def test_links_to_directories_are_not_followed_and_said(tree: Tree) -> None:
    """A loop of links cannot trap the search; a link that is named is followed."""
    tree({"d/a.yaml": pod("a")})
    Path("d/loop").symlink_to("..")
    Path("link").symlink_to("d")

    found = read(["."])

    reason = "a symbolic link to a directory, which is not followed; name it to have it read"
    assert ["a"] == names(found) == names(read(["link"]))
    assert found.skipped == (Skipped("d/loop", reason), Skipped("link", reason))


def test_a_missing_path_is_a_problem(tree: Tree) -> None:
    """A path that leads nowhere is named, whatever it is called."""
    tree({"a.yaml": pod("a")})

    found = read(["a.yaml", "missing.yaml", "nul\0.yaml"])

    assert names(found) == ["a"]
    assert [
        Problem("missing.yaml", 0, 0, "cannot be read: no such file or directory"),
        Problem(r"nul\x00.yaml", 0, 0, "cannot be read: embedded null byte"),
    ] == list(found.problems)


def test_special_files_are_problems(tree: Tree) -> None:
    """A pipe, a socket, a device and a link to itself are named and never waited for."""
    tree({})
    os.mkfifo("pipe.yaml")
    Path("self.yaml").symlink_to("self.yaml")
    Path("zero.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        found = read(["."])

    assert [str(problem) for problem in found.problems] == [
        "pipe.yaml: is a pipe, expected a file; pass its content on standard input: `gracekeeper check -`",
        "self.yaml: cannot be read: too many levels of symbolic links",
        "socket.yaml: is a socket, expected a file",
        "zero.yaml: is a device, expected a file",
    ]


def test_a_file_that_may_not_be_read_is_a_problem(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions and files that vanish during the search are named; the rest is read."""
    tree({"a.yaml": pod("a"), "b.yaml": pod("b"), "c.yaml": pod("c")})
    refuse(monkeypatch, {"a.yaml": PermissionError(13, "Permission denied")})
    refuse(monkeypatch, {"b.yaml": FileNotFoundError(2, "No such file or directory")})

    found = read(["."])

    assert names(found) == ["c"]
    assert [
        Problem("a.yaml", 0, 0, "cannot be read: permission denied"),
        Problem("b.yaml", 0, 0, "cannot be read: no such file or directory"),
    ] == list(found.problems)


def test_a_directory_that_may_not_be_read_is_a_problem(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed directory is named; the rest is read."""
    tree({"a.yaml": pod("a"), "closed/b.yaml": pod("b")})
    scandir = os.scandir

    def scan(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    found = read(["."])

    assert names(found) == ["a"]
    assert found.problems == (Problem("closed", 0, 0, "cannot be read: permission denied"),)


def test_a_file_beyond_the_limit_is_a_problem(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that would fill the memory is not even opened; standard input is read up to the limit."""
    tree({"large.yaml": pod("a") + "#" * 3 * 2**20})
    monkeypatch.setattr("gracekeeper.sources.files.MAX_BYTES", 2**20)
    monkeypatch.setattr("gracekeeper.sources.input.MAX_BYTES", 2**20)

    found = read([".", "-"], stdin=BytesIO(b"#" * 2**21))

    message = "is larger than 256 MiB, which no manifest is"
    assert found.problems == (Problem("-", 0, 0, message), Problem("large.yaml", 0, 0, message))


def test_a_name_that_is_not_utf8_is_printed_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of stray bytes can be read, and printed without failing."""
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(b"caf\xe9.yaml")).write_text(pod("a"))

    found = read(["."])

    assert [document.origin for document in found.documents] == [r"caf\xe9.yaml"]
    assert found.locate(found.documents[0]) is not None


def refuse(monkeypatch: pytest.MonkeyPatch, errors: dict[str, OSError]) -> None:
    """Let opening a file fail: the super-user of a build machine may read what others may not."""
    stat = os.stat

    def refusing(path: str, **options: object) -> os.stat_result:
        error = errors.get(str(path).rpartition("/")[2])
        if error:
            raise error
        return stat(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", refusing)
