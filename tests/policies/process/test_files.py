"""Scripts that the container holds: mounted from a ConfigMap of the input, or known to stand in its image."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Protocol

import pytest

from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

MOUNTED = """\
volumes: [{volume}]
containers:
- image: python:3.12-slim
  command: {command}
  workingDir: {folder}
  env: {env}
  volumeMounts: {mounts}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: scripts, namespace: shop}}
data:
  start.sh: |
{text}
"""
SCRIPT = "#!/bin/sh\nset -e\npython manage.py migrate\nexec gunicorn --workers=3 app:app\n"
EXECUTABLE = "{name: scripts, configMap: {name: scripts, defaultMode: 0755}}"


class Mounted(Protocol):
    """Reads a container with a ConfigMap `scripts`, whose key is `start.sh`, mounted at `/scripts`."""

    def __call__(
        self,
        text: str = ...,
        command: str = ...,
        volume: str = ...,
        mounts: str = ...,
        folder: str = ...,
        env: str = ...,
    ) -> PythonProcess:
        """All texts but the script are in YAML."""


@pytest.fixture
def mounted(process: Callable[..., PythonProcess]) -> Mounted:
    """Reads what runs."""

    def _mounted(
        text: str = SCRIPT,
        command: str = "[/scripts/start.sh]",
        volume: str = EXECUTABLE,
        mounts: str = "[{name: scripts, mountPath: /scripts}]",
        folder: str = "''",
        env: str = "[]",
    ) -> PythonProcess:
        script = textwrap.indent(text, "    ")
        return process(
            MOUNTED.format(text=script, command=command, volume=volume, mounts=mounts, folder=folder, env=env)
        )

    return _mounted


def started(process: PythonProcess) -> str:
    """The program's own words, or why they are not known."""
    return process.unknown or " ".join(word.text for word in process.launch.words)


def test_a_mounted_script_is_followed(mounted: Mounted) -> None:
    """To its server, what runs before it, and who hears the signal; each word names the ConfigMap and the line."""
    process = mounted()
    assert "gunicorn --workers=3 app:app" == started(process)
    assert "ConfigMap scripts, start.sh, line 4" == process.launch.words[0].source
    assert ["python manage.py migrate"] == [command.spoken for command in process.migrations]
    assert [("dash", "replaces itself by the program")] == [
        (link.name, link.passing.value) for link in process.launch.links
    ]


@pytest.mark.parametrize(
    ("volume", "mounts", "command"),
    [
        (EXECUTABLE, "[{name: scripts, mountPath: /scripts/}]", "[/scripts/../scripts/./start.sh]"),
        (EXECUTABLE, "[{name: scripts, mountPath: /run.sh, subPath: start.sh}]", "[/run.sh]"),
        (EXECUTABLE, "[{name: scripts, mountPath: /usr/local/bin/web, subPath: start.sh}]", "[web]"),
        (
            "{name: scripts, configMap: {name: scripts, items: [{key: start.sh, path: bin/run, mode: 0555}]}}",
            "[{name: scripts, mountPath: /scripts}]",
            "[/scripts/bin/run]",
        ),
        (
            "{name: scripts, configMap: {name: scripts, items: [{key: start.sh, path: bin/run, mode: 0555}]}}",
            "[{name: scripts, mountPath: /scripts, subPath: bin}]",
            "[/scripts/run]",
        ),
        (
            "{name: scripts, projected: {defaultMode: 0555, sources: [{configMap: {name: scripts}}]}}",
            "[{name: scripts, mountPath: /scripts}]",
            "[/scripts/start.sh]",
        ),
        ("{name: scripts, configMap: {name: scripts}}", "[{name: scripts, mountPath: /s}]", "[sh, /s/start.sh]"),
        ("{name: scripts, configMap: {name: scripts}}", "[{name: scripts, mountPath: /s}]", "[bash, -eu, /s/start.sh]"),
        (
            "{name: scripts, configMap: {name: scripts}}",
            "[{name: scripts, mountPath: /s}]",
            "[tini, --, sh, /s/start.sh]",
        ),
        (
            "{name: scripts, configMap: {name: scripts}}",
            "[{name: scripts, mountPath: /s}]",
            "[sh, -c, cd /s && exec sh start.sh]",
        ),
        ("{name: scripts, configMap: {name: scripts}}", "[{name: scripts, mountPath: /s}]", "[sh, -c, . /s/start.sh]"),
    ],
)
def test_a_script_is_found_where_the_volume_shows_it(mounted: Mounted, volume: str, mounts: str, command: str) -> None:
    """By `items`, by `subPath`, in PATH, and relative to where a script's `cd` led."""
    assert "gunicorn --workers=3 app:app" == started(mounted(volume=volume, mounts=mounts, command=command))


def test_a_relative_path_starts_from_the_working_directory(mounted: Mounted) -> None:
    """Without one the image decides, and nothing is claimed."""
    assert "gunicorn --workers=3 app:app" == started(mounted(command="[./start.sh]", folder="/scripts"))
    assert not mounted(command="[./start.sh]").program


@pytest.mark.parametrize(
    "mounts",
    [
        "[{name: scripts, mountPath: /scripts}, {name: other, mountPath: /scripts/start.sh}]",
        "[{name: scripts, mountPath: /scripts, subPath: other.sh}]",
        "[{name: scripts, mountPath: /scripts, subPathExpr: $(POD)}]",
        "[{name: other, mountPath: /scripts}]",
    ],
)
def test_what_is_not_certainly_there_is_not_read(mounted: Mounted, mounts: str) -> None:
    """Such as a file that a deeper mount hides."""
    process = mounted(mounts=mounts, command="[sh, /scripts/start.sh]")
    assert "sh runs /scripts/start.sh, which is not in sight" == process.unknown


@pytest.mark.parametrize(
    ("text", "volume", "reason"),
    [
        (
            SCRIPT,
            "{name: scripts, configMap: {name: scripts}}",
            "ConfigMap scripts, start.sh is mounted without the permission to execute it (defaultMode)",
        ),
        ("exec gunicorn app:app\n", EXECUTABLE, "it does not begin with `#!` and an interpreter"),
        ("#!\nexec gunicorn app:app\n", EXECUTABLE, "its first line names no interpreter"),
    ],
)
def test_a_file_that_cannot_be_started_is_not_followed(mounted: Mounted, text: str, volume: str, reason: str) -> None:
    """The runtime refuses it: what would run is told of by the reason."""
    assert f"/scripts/start.sh cannot be started: {reason}" == mounted(text, volume=volume).unknown


@pytest.mark.parametrize(
    "first",
    [
        "#!/bin/sh",
        "#! /bin/bash -eu",
        "#!/usr/bin/env bash",
        "#!/usr/bin/env -S bash -e",
        "#!/usr/bin/dumb-init /bin/sh",
        "#!/bin/busybox sh",
    ],
)
def test_the_first_line_names_the_interpreter(mounted: Mounted, first: str) -> None:
    """As the kernel reads it, with one argument, which `env -S` takes apart."""
    assert "gunicorn app:app" == started(mounted(f"{first}\nexec gunicorn app:app\n"))


def test_a_python_script_is_named_and_not_looked_into(mounted: Mounted) -> None:
    """What it starts is decided by its own code."""
    process = mounted("#!/usr/bin/env python3\nimport uvicorn\nuvicorn.run('app:app')\n")
    assert ("start.sh", "python") == (process.name, process.server and process.server.name)


def test_without_a_first_line_a_shell_or_an_init_takes_sh(mounted: Mounted) -> None:
    """Only the container runtime starts nothing then."""
    assert "gunicorn app:app" == started(mounted("exec gunicorn app:app\n", "[tini, --, /scripts/start.sh]"))
    assert "gunicorn app:app" == started(mounted("exec gunicorn app:app\n", "[sh, -c, exec /scripts/start.sh]"))


def test_the_arguments_are_the_scripts_positional_words(mounted: Mounted) -> None:
    """`exec "$@"` leaves the command as PID 1, and its words keep their place in the manifest."""
    process = mounted('#!/bin/sh\nexec "$@"\n', "[/scripts/start.sh, gunicorn, --workers=2, app:app]")
    assert "gunicorn --workers=2 app:app" == started(process)
    assert ("spec", "template", "spec", "containers", 0, "command", 1) == process.launch.words[0].path
    role = '#!/bin/sh\ncase "$1" in web) exec gunicorn app:app;; worker) exec celery -A app worker;; esac\n'
    assert "celery -A app worker" == started(mounted(role, "[sh, /scripts/start.sh, worker]"))


@pytest.mark.parametrize(
    ("role", "server"), [("web", "gunicorn -b :80 app:app"), ("celery", "celery -A app worker -c 4")]
)
def test_a_variable_chooses_the_role(mounted: Mounted, role: str, server: str) -> None:
    """One script for all containers of a project, and none is guessed."""
    text = """\
#!/bin/bash
if [[ $CONTAINER_ROLE == celery ]]; then
  exec celery -A app worker -c ${CONCURRENCY:-4}
fi
gunicorn -b :80 app:app
"""
    assert server == started(mounted(text, env=f"[{{name: CONTAINER_ROLE, value: {role}}}]"))
    assert "the script starts several servers" == mounted(text).unknown


def test_scripts_that_start_scripts_are_followed(
    process: Callable[..., PythonProcess],
) -> None:
    """By `exec`, as a child, and read in by `.`, whose variables hold from there on."""
    found = process("""\
volumes: [{name: scripts, configMap: {name: scripts, defaultMode: 0755}}]
containers:
- command: [/scripts/entry.sh]
  image: python:3.12-slim
  volumeMounts: [{name: scripts, mountPath: /scripts}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts, namespace: shop}
data:
  entry.sh: "#!/bin/sh\\n. /scripts/env\\n/scripts/wait.sh\\nexec /scripts/web.sh --log-level=info\\n"
  env: "WORKERS=5\\n"
  wait.sh: "#!/bin/sh\\nuntil nc -z db 5432; do sleep 1; done\\n"
  web.sh: "#!/bin/sh\\ncd /app\\nexec gunicorn -w ${WORKERS:-2} \\"$@\\" app:app\\n"
""")
    assert "gunicorn -w 2 --log-level=info app:app" == started(found)
    assert ["/scripts/wait.sh"] == [command.spoken for command in found.launch.preparation]


@pytest.mark.parametrize("call", ["/scripts/start.sh", "exec /scripts/start.sh", ". /scripts/start.sh"])
def test_a_script_that_calls_itself_ends(mounted: Mounted, call: str) -> None:
    """It is read so often and no more."""
    assert not mounted(f"#!/bin/sh\n{call} $X again\n" * 30).server


def image(**fields: object) -> ImageConfig:
    """An image that starts `/app/entrypoint.sh`, which it holds."""
    files = {"/app/entrypoint.sh": '#!/bin/sh\npython manage.py migrate\nexec "$@"\n'}
    return ImageConfig("web/Dockerfile", **{"entrypoint": ("/app/entrypoint.sh",), "files": files, **fields})  # type: ignore[arg-type]


def test_a_script_of_the_image_is_followed(process: Callable[..., PythonProcess]) -> None:
    """Its arguments are the manifest's, else the image's command."""
    containers = "containers: [{{name: web, image: shop/web:1, args: {}}}]"
    of_image = process(containers.format("[]"), image(command=("gunicorn", "app:app")))
    of_manifest = process(containers.format("[celery, -A, app, worker]"), image(command=("gunicorn", "app:app")))
    assert ("gunicorn app:app", "celery -A app worker") == (started(of_image), started(of_manifest))
    assert ["python manage.py migrate"] == [command.spoken for command in of_image.migrations]


def test_a_volume_hides_a_script_of_the_image(process: Callable[..., PythonProcess]) -> None:
    """What a volume holds there instead is not in sight."""
    text = """\
    volumes: [{name: code, emptyDir: {}}]
    containers: [{name: web, image: shop/web:1, volumeMounts: [{name: code, mountPath: /app}]}]
    """
    assert not process(text, image(command=("gunicorn", "app:app"))).program


ROLES = """\
#!/bin/bash
if [[ -n $NEW_RELIC_LICENSE_KEY ]]; then set -- newrelic-admin run-program "$@"; fi
case $CONTAINER_ROLE in
  celery) exec celery -A app worker ;;
  *) exec "$@" ;;
esac
"""


@pytest.mark.parametrize(
    ("env", "server"),
    [
        ("[]", "gunicorn app:app"),
        ("[{name: CONTAINER_ROLE, value: web}]", "gunicorn app:app"),
        ("[{name: CONTAINER_ROLE, value: celery}]", "celery -A app worker"),
    ],
)
def test_what_neither_manifest_nor_image_sets_is_not_set(
    process: Callable[..., PythonProcess], env: str, server: str
) -> None:
    """So the image's script goes one way only."""
    roles = image(command=("gunicorn", "app:app"), files={"/app/entrypoint.sh": ROLES})
    assert server == started(process(f"containers: [{{name: web, image: shop/web:1, env: {env}}}]", roles))


@pytest.mark.parametrize(
    "fields",
    [
        {"environment_doubt": "its base is not known"},
        {"environment": {"CONTAINER_ROLE": Unknown("the build decides")}},
    ],
)
def test_what_may_be_set_decides_nothing(process: Callable[..., PythonProcess], fields: dict[str, object]) -> None:
    """Nor what a Secret may hold."""
    roles = image(command=("gunicorn", "app:app"), files={"/app/entrypoint.sh": ROLES}, **fields)
    assert not process("containers: [{name: web, image: shop/web:1}]", roles).program


def test_a_secret_may_set_anything(process: Callable[..., PythonProcess]) -> None:
    """Its keys are not read."""
    roles = image(command=("gunicorn", "app:app"), files={"/app/entrypoint.sh": ROLES})
    text = "containers: [{name: web, image: shop/web:1, envFrom: [{secretRef: {name: keys}}]}]"
    assert "the script starts several programs" == process(text, roles).unknown


def test_a_relative_script_starts_from_the_image_s_folder(process: Callable[..., PythonProcess]) -> None:
    """Which a manifest may change."""
    relative = image(entrypoint=("./entrypoint.sh",), command=("gunicorn", "app:app"), working_dir="/app")
    assert "gunicorn app:app" == started(process("containers: [{image: shop/web:1}]", relative))
    assert not process("containers: [{image: shop/web:1, workingDir: /tmp}]", relative).program


def test_an_unknown_image_gives_no_files(process: Callable[..., PythonProcess]) -> None:
    """And whoever mounts nothing has none in sight."""
    assert () == process("containers: [{command: [/start.sh]}]", Unknown("not read")).files.files
