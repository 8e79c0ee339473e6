"""`gracekeeper check`, as people and pipelines call it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]


def test_clean_run_is_two_lines_and_status_0(run: Run, good: str) -> None:
    """Who has nothing to mend reads two lines."""
    ran = run("check", good)

    assert ran.status == 0
    assert len(ran.out.splitlines()) == 2
    assert ran.out.startswith("1 workload in 1 document: no findings under ")
    assert ran.err == ""


def test_errors_are_status_1(run: Run, bad: str) -> None:
    """A finding at or above the threshold fails a pipeline."""
    ran = run("check", bad)

    assert ran.status == 1
    assert "error  grace-period-too-short" in ran.out
    assert "bad.yaml:9:7" in ran.out
    assert ran.err == ""


def test_finding_can_be_searched_for_in_one_line(run: Run, bad: str) -> None:
    """Severity, rule, file, line and column stand on one line."""
    [line] = [line for line in run("check", bad).out.splitlines() if "grace-period-too-short" in line]

    assert line.split() == ["error", "grace-period-too-short", "bad.yaml:9:7"]


@pytest.mark.parametrize(("threshold", "status"), [("error", 0), ("warning", 1), ("note", 1), ("never", 0)])
def test_threshold_decides_the_status_of_a_warning(run: Run, warned: str, threshold: str, status: int) -> None:
    """`--fail-on` names the least severity that fails."""
    assert run("check", warned, "--fail-on", threshold).status == status


def test_never_lets_errors_pass(run: Run, bad: str) -> None:
    """`--fail-on never` reports and succeeds."""
    assert run("check", bad, "--fail-on=never").status == 0


def test_profile_decides_which_rules_are_asked(run: Run, warned: str) -> None:
    """Hardening is not asked of who wants only to know what is broken."""
    assert "1 warning" in run("check", warned, "--profile", "standard").out
    assert "no findings" in run("check", warned, "--profile", "baseline").out


def test_without_a_path_the_current_directory_is_read(run: Run, bad: str) -> None:
    """No PATH means here."""
    assert run("check").out == run("check", ".").out
    assert bad in run("check").out


def test_standard_input_is_read_where_it_is_named(run: Run, folder: Path, bad: str) -> None:
    """`-` reads what another program writes, and places name it so."""
    ran = run("check", "-", stdin=(folder / bad).read_text())

    assert ran.status == 1
    assert "-:9:7" in ran.out
    assert "terminationGracePeriodSeconds: 20" in ran.out


def test_unreadable_input_is_status_2_and_the_rest_is_judged(run: Run, folder: Path, broken: str, bad: str) -> None:
    """What cannot be read is named on standard error, with its place; it weighs more than findings."""
    ran = run("check", broken, bad)
    last_line = len((folder / broken).read_text().splitlines())

    assert ran.status == 2
    assert ran.err.startswith(f"broken.yaml:{last_line}:5: ")
    assert len(ran.err.splitlines()) == 1
    assert "grace-period-too-short" in ran.out
    assert "Not read: 1 problem in broken.yaml; standard error says what and where." in ran.out


def test_wrong_type_is_named_with_its_place(run: Run, folder: Path, good: str) -> None:
    """A field of the wrong type is a problem, not a finding."""
    (folder / good).write_text((folder / good).read_text().replace("replicas: 2", "replicas: two"))
    ran = run("check", good)

    assert (ran.status, ran.err) == (2, "good.yaml:5:3: replicas: expected an integer, found a string\n")


def test_unknown_exemption_is_named_with_its_place(run: Run, folder: Path, good: str) -> None:
    """Who mistypes a rule in an exemption is told, and offered the nearest."""
    annotation = '{name: web, namespace: shop, annotations: {gracekeeper.dev/exempt: "run-as-rot: legacy"}}'
    (folder / good).write_text((folder / good).read_text().replace("{name: web, namespace: shop}", annotation))
    ran = run("check", good)

    assert ran.status == 2
    assert ran.err.startswith("good.yaml:3:")
    assert "did you mean run-as-root?" in ran.err


def test_exemption_silences_and_is_counted(run: Run, folder: Path, bad: str) -> None:
    """What is exempted does not fail, and is listed on demand."""
    annotation = '{name: web, namespace: shop, annotations: {gracekeeper.dev/exempt: "grace-period-too-short: known"}}'
    (folder / bad).write_text((folder / bad).read_text().replace("{name: web, namespace: shop}", annotation))
    ran = run("check", bad)

    assert ran.status == 0
    assert "Silenced: 1 finding by exemptions; --verbose lists them." in ran.out
    assert "gracekeeper.dev/exempt: known" in run("check", bad, "--verbose").out


def test_nothing_to_read_is_status_2(run: Run, folder: Path) -> None:
    """A mistyped folder must not look like a clean one."""
    ran = run("check", str(folder))

    assert ran.status == 2
    assert "holds no Kubernetes object" in ran.err


@pytest.mark.parametrize("stdin", ["", "---\n", "# nothing\n"])
def test_empty_standard_input_is_status_2_unless_allowed(run: Run, stdin: str) -> None:
    """A template that renders nothing is a mistake, unless it may."""
    assert run("check", "-", stdin=stdin).status == 2
    assert run("check", "-", "--allow-empty", stdin=stdin).status == 0


def test_what_is_excluded_is_left_out_and_said(run: Run, folder: Path, good: str, bad: str) -> None:
    """`--exclude` takes patterns as a `.gitignore` does; what they leave out is named, in every report."""
    ran = run("check", "--exclude", "bad.*", "--exclude", "vendor/")

    assert (ran.status, ran.err) == (0, "")
    assert "Left out: bad.yaml: excluded by --exclude." in ran.out
    assert run("check", "--exclude=bad.yaml", bad).status == 1
    (folder / ".gitignore").write_text(bad)
    assert "Left out: bad.yaml: ignored by git." in run("check").out
    assert [{"file": bad, "reason": "ignored by git"}] == json.loads(run("check", "--format=json").out)["skipped"]
    assert "Deployment/web" not in run("explain", "--exclude", good).out


def test_an_exclusion_that_is_no_pattern_is_status_2(run: Run, good: str) -> None:
    """A mistyped exclusion is a wrong call."""
    ran = run("check", good, "--exclude", "!")

    assert ran.status == 2
    assert "`!` matches nothing" in ran.err


def test_many_paths_that_are_left_out_are_counted(run: Run, folder: Path, good: str) -> None:
    """The summary counts them and names the first; `--verbose` names them all."""
    for number in range(6):
        (folder / f"made-{number}.yaml").write_text((folder / good).read_text())
    ran = run("check", "--exclude", "made-*")

    assert "Left out: 6 paths: made-0.yaml, made-1.yaml, made-2.yaml and 3 more: excluded by --exclude." in ran.out
    assert "made-5.yaml" in run("check", "--exclude", "made-*", "--verbose").out


def test_missing_file_is_status_2(run: Run, folder: Path) -> None:
    """A path that is not there is named."""
    ran = run("check", "missing.yaml")

    assert ran.status == 2
    assert ran.err.startswith("missing.yaml: ")
    assert not (folder / "missing.yaml").exists()


def test_version_of_kubernetes_decides_what_counts(run: Run, bad: str) -> None:
    """A field that an older cluster drops delays nothing there."""
    assert "pre-stop 5" in run("check", bad).out
    assert "pre-stop 5" not in run("check", bad, "--kubernetes-version", "1.28").out


def test_version_that_is_none_is_status_2(run: Run, good: str) -> None:
    """A mistyped version is a wrong call."""
    ran = run("check", good, "--kubernetes-version", "new")

    assert ran.status == 2
    assert "expected a Kubernetes version such as 1.34" in ran.err


def test_namespace_is_that_of_objects_without_one(run: Run, folder: Path, bad: str) -> None:
    """Objects that name no namespace get the one of the call."""
    (folder / bad).write_text((folder / bad).read_text().replace(", namespace: shop", ""))

    assert "Deployment default/web" in run("check", bad).out
    assert "Deployment other/web" in run("check", bad, "--namespace", "other").out


def test_json_has_its_public_shape(run: Run, bad: str) -> None:
    """The fields that scripts rely on are there, and nothing else."""
    ran = run("check", bad, "--format", "json")
    content = json.loads(ran.out)

    assert ran.status == 1
    assert set(content) == {"version", "summary", "findings", "baseline", "problems", "skipped"}
    assert content["summary"] == {
        "documents": 1,
        "workloads": 1,
        "findings": {"error": 1, "warning": 0, "note": 0},
        "suppressed": 0,
        "unreadable": 0,
    }
    [finding] = content["findings"]
    assert finding["location"] == {"file": "bad.yaml", "line": 9, "column": 7}


def test_json_holds_the_problems(run: Run, broken: str) -> None:
    """What standard error says stands in the JSON too."""
    ran = run("check", broken, "--format", "json")
    [problem] = json.loads(ran.out)["problems"]

    assert f"{problem['file']}:{problem['line']}:{problem['column']}: {problem['message']}\n" == ran.err


def test_outputs_belong_to_formats_in_order(run: Run, folder: Path, bad: str) -> None:
    """The first output is the first format's; a format without one goes to standard output."""
    ran = run("check", bad, "--format", "json", "--output", "report.json", "--format", "text")

    assert json.loads((folder / "report.json").read_text())["version"] == 1
    assert "grace-period-too-short" in ran.out


def test_output_alone_is_text(run: Run, folder: Path, bad: str) -> None:
    """Without a format the file gets text, without colours, and standard output nothing."""
    ran = run("check", bad, "--output", "report.txt")

    assert ran.out == ""
    assert "✖ SIGKILL at 20" in (folder / "report.txt").read_text(encoding="utf-8")


def test_two_reports_in_one_place_are_refused(run: Run, bad: str) -> None:
    """Two formats on standard output would be neither."""
    ran = run("check", bad, "--format", "json", "--format", "text")

    assert ran.status == 2
    assert "two formats go to the same place" in ran.err


def test_output_without_a_format_is_refused(run: Run, bad: str) -> None:
    """A second file without a second format is a wrong call."""
    ran = run("check", bad, "--output", "a", "--output", "b")

    assert ran.status == 2
    assert "Name a format for each output" in ran.err


def test_output_that_cannot_be_written_is_status_2(run: Run, bad: str) -> None:
    """A folder that is not there is named."""
    ran = run("check", bad, "--output", "missing/report.txt")

    assert (ran.status, ran.err) == (2, "gracekeeper: cannot write missing/report.txt: no such file or directory.\n")


@pytest.mark.parametrize("option", ["--policy=x", "--format=xml", "--profile=wild"])
def test_what_is_not_offered_is_a_wrong_call(run: Run, good: str, option: str) -> None:
    """Options and values that do not exist are refused with status 2."""
    assert run("check", good, option).status == 2


def test_script_that_is_no_shell_is_named_with_its_place(run: Run, tmp_path: Path) -> None:
    """What it starts cannot be told; the other rules still judge the container."""
    file = tmp_path / "pod.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: x:1\n"
        "    command: [sh, -c, 'if then (']\n"
    )
    told = " ".join(run("check", str(file)).out.split())

    assert f"(a): the script is not valid shell: line 1 ({file}:8:23)." in told
    assert "run-as-root" in told


def test_server_that_was_never_measured_is_said_to_be_not_judged(run: Run, tmp_path: Path) -> None:
    """A clean report promises nothing about what it does not know."""
    file = tmp_path / "pod.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
        "  - {name: a, image: x:1, command: [litellm, --port, '80']}\n"
    )

    told = " ".join(run("check", str(file)).out.split())

    assert "Not judged: the shutdown of litellm, which was never measured, in Pod default/p (a)." in told
