"""What uWSGI's, hypercorn's and celery's own files say, where a ConfigMap in sight holds them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.process.dotenv import dotenv_settings
from gracekeeper_policies.process.environment import Environment
from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.toml_settings import toml_settings
from gracekeeper_policies.process.uwsgi_files import file_words
from gracekeeper_policies.provenance import Default, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

MANIFEST = """\
volumes: [{{name: settings, configMap: {{name: settings}}}}]
containers:
- command: {command}
  workingDir: /etc/web
  env: [{{name: PORT, value: "8080"}}, {{name: KEY, valueFrom: {{secretKeyRef: {{name: keys}}}}}}]
  volumeMounts: [{{name: settings, mountPath: /etc/web}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: shop}}
data:
{data}
"""


@pytest.fixture
def configured(process: Callable[..., PythonProcess]) -> Callable[..., PythonProcess]:
    """Reads a command with files mounted where it starts."""

    def _configured(command: str, files: dict[str, str]) -> PythonProcess:
        data = "".join(f"  {name}: |\n{textwrap.indent(text, '    ')}\n" for name, text in files.items())
        return process(MANIFEST.format(command=command, data=data))

    return _configured


def read(process: PythonProcess, option: str) -> Any:  # noqa: ANN401 - a number, a text or what is unknown
    """An option's value, or why it is unknown."""
    found = process.setting(option)
    return found.reason if isinstance(found, Unknown) else found.value


def test_a_line_is_named_with_its_file(configured: Callable[..., PythonProcess]) -> None:
    """As the source of the value."""
    uwsgi = configured("[uwsgi, --ini, web.ini]", {"web.ini": "[uwsgi]\n# ours\nprocesses = 3"})
    assert Known(3.0, "ConfigMap settings, web.ini, line 3, processes") == uwsgi.setting("processes")
    hypercorn = configured("[hypercorn, -c, web.toml, 'a:a']", {"web.toml": '# ours\nbind = ["a:1", "b:2"]'})
    assert Known(("a:1", "b:2"), "ConfigMap settings, web.toml, line 2, bind") == hypercorn.setting("bind")


@pytest.mark.parametrize(
    ("text", "processes"),
    [
        ("[uwsgi]\nprocesses = 3", 3),
        ("[uwsgi]\nworkers = 3", 3),
        ("[uwsgi]\nprocesses = 3\nprocesses = 4", 4),
        ("[uwsgi]\n;processes = 3\n#processes = 4", 1),
        ("[other]\nprocesses = 3", 1),
        ("[uwsgi]\nprocesses = $(PORT)", 8080),
        ("[uwsgi]\nn = 5\nprocesses = %(n)", 5),
        ("[uwsgi]\nprocesses = %k", NODE_CPUS),
        ("[uwsgi]\nprocesses = $(NONE)", "ConfigMap settings, web.ini: $(NONE) is known only when it runs"),
        ("[uwsgi]\nprocesses = $(KEY)", "ConfigMap settings, web.ini: KEY comes from Secret keys"),
        ("[uwsgi]\nprocesses = @(/n)", "ConfigMap settings, web.ini: @( is known only when it runs"),
        (
            "[uwsgi]\nif-env = X\nprocesses = 3\nendif =",
            "ConfigMap settings, web.ini: line 3 sets processes only on a condition",
        ),
        ("[uwsgi]\nif-env = X\nendif =\nprocesses = 3", 3),
    ],
)
def test_an_ini_file_is_read_as_uwsgi_does(
    configured: Callable[..., PythonProcess], text: str, processes: object
) -> None:
    """Sections, comments, repetitions, placeholders and conditions."""
    assert processes == read(configured("[uwsgi, web.ini]", {"web.ini": text}), "processes")


@pytest.mark.parametrize(
    ("text", "processes"),
    [
        ("uwsgi:\n  processes: 3", 3),
        ('uwsgi:\n  "processes": "3"  # ours', 3),
        ("other:\n  processes: 3", 1),
        (
            "uwsgi:\n  http:\n    - :80\n  processes: 3",
            "ConfigMap settings, web.yaml: behind a list, what uWSGI reads depends on how it was built",
        ),
    ],
)
def test_a_yaml_file_is_read_as_uwsgi_does(
    configured: Callable[..., PythonProcess], text: str, processes: object
) -> None:
    """One section, a key and a value in each line; a list is read by some builds alone."""
    assert processes == read(configured("[uwsgi, --yaml, web.yaml]", {"web.yaml": text}), "processes")


@pytest.mark.parametrize(
    ("command", "processes"),
    [
        ("[uwsgi, --ini, web.ini, --processes, '4']", 4),
        ("[uwsgi, --processes, '4', --ini, web.ini]", 3),
        ("[uwsgi, web.ini, --processes, '4']", 3),
        ("[uwsgi, '--ini=web.ini:more']", 5),
        ("[uwsgi, --ini, outer.ini]", 6),
    ],
)
def test_uwsgis_file_counts_where_it_is_named(
    configured: Callable[..., PythonProcess], command: str, processes: int
) -> None:
    """And behind all flags where a bare word names it."""
    files = {
        "web.ini": "[uwsgi]\nprocesses = 3\n[more]\nprocesses = 5",
        "outer.ini": "[uwsgi]\nini = web.ini\nprocesses = 6",
    }
    assert processes == read(configured(command, files), "processes")


@pytest.mark.parametrize(
    ("command", "doubt"),
    [
        ("[uwsgi, --ini, lost.ini]", "it reads lost.ini, which is not in sight"),
        ("[uwsgi, --ini, outer.ini]", "it reads lost.ini, which is not in sight"),
        ("[uwsgi, --ini, circle.ini]", "it reads circle.ini, which is not in sight"),
        ("[uwsgi, --ini, $(KEY)]", "its configuration file cannot be told: KEY comes from Secret keys"),
        (
            "[uwsgi, --xml, web.xml]",
            "ConfigMap settings, web.xml: it is not read, since it is neither ini nor YAML",
        ),
        ("[hypercorn, -c, bad.toml, 'a:a']", "ConfigMap settings, bad.toml: the configuration file is not valid TOML"),
        ("[hypercorn, -c, 'python:shop.settings', 'a:a']", "it reads python:shop.settings, which is not in sight"),
    ],
)
def test_what_is_not_read_puts_defaults_in_doubt(
    configured: Callable[..., PythonProcess], command: str, doubt: str
) -> None:
    """Whichever option it could set."""
    files = {
        "outer.ini": "[uwsgi]\nini = lost.ini",
        "circle.ini": "[uwsgi]\nini = circle.ini",
        "web.xml": "<uwsgi/>",
        "bad.toml": "workers =",
    }
    process = configured(command, files)
    found = process.setting("processes" if "uwsgi" in command else "workers")
    assert isinstance(found, Default)
    assert doubt in found.doubt


@pytest.mark.parametrize(
    ("command", "workers"),
    [
        ("[hypercorn, -c, web.toml, 'a:a']", 3),
        ("[hypercorn, -c, web.toml, -w, '5', 'a:a']", 5),
        ("[hypercorn, -c, 'file:web.py', 'a:a']", 2),
    ],
)
def test_hypercorns_file_is_toml_or_python(
    configured: Callable[..., PythonProcess], command: str, workers: int
) -> None:
    """A flag beats it."""
    assert workers == read(configured(command, {"web.toml": "workers = 3", "web.py": "workers = 2"}), "workers")


def test_the_application_may_set_what_celerys_module_sets(configured: Callable[..., PythonProcess]) -> None:
    """So it proves nothing; names of old versions count, too."""
    files = {"settings.py": "task_time_limit = 300\nCELERYD_CONCURRENCY = 4"}
    process = configured("[celery, --config=settings, -A, shop, worker]", files)
    owner = "ConfigMap settings, settings.py, line 1, task_time_limit"
    assert Default(300, owner, "the application may set task_time_limit") == process.setting("task time limit")
    assert 4 == read(process, "concurrency")


@pytest.mark.parametrize(
    ("text", "workers"),
    [
        ("WEB_CONCURRENCY=3 # ours", 3),
        ("export WEB_CONCURRENCY = '4'", 4),
        ('WEB_CONCURRENCY="5"\nUVICORN_WORKERS=9', 5),
        ("# WEB_CONCURRENCY=3", 1),
        ("WEB_CONCURRENCY=${CPUS}", "ConfigMap settings, web.env: line 1 computes WEB_CONCURRENCY"),
    ],
)
def test_uvicorns_environment_file_sets_one_thing(
    configured: Callable[..., PythonProcess], text: str, workers: object
) -> None:
    """Everything else in it is the application's."""
    assert workers == read(configured("[uvicorn, --env-file, web.env, 'a:a']", {"web.env": text}), "workers")


@given(st.text(max_size=80) | st.text("uwsgi[]=:;#%$@()ifend- \n\tk{}", max_size=60))
def test_no_text_stops_a_reader(text: str) -> None:
    """A ConfigMap may hold anything."""
    for path in ("a.ini", "a.yaml"):
        words = file_words(path, "", text, "here", Environment({}))
        assert isinstance(words, tuple)
        assert all(word.text.startswith("--") for word in words)
    for told in (toml_settings(text), dotenv_settings("", text)):
        assert all(isinstance(value, Known | Unknown) for value in told.values())


@pytest.mark.parametrize(
    ("command", "text", "port"),
    [
        ("[dotenv, run, uvicorn, 'a:a']", "UVICORN_PORT=9000", 9000),
        ("[dotenv, run, sh, -c, 'exec uvicorn --port $PORT a:a']", "PORT=9000", 9000),
        ("[uv, run, --env-file, .env, sh, -c, 'exec uvicorn --port $PORT a:a']", "PORT=9000", 8080),
        ("[sh, -c, 'export PORT=7000; exec uv run --env-file .env uvicorn a:a --port $PORT']", "PORT=9000", 7000),
        ("[env, PORT=6000, sh, -c, 'exec uvicorn --port $PORT a:a']", "", 6000),
        ("[uv, run, --env-file, lost.env, uvicorn, 'a:a']", "UVICORN_PORT=9000", 8000),
        ("[dotenv, run, uvicorn, 'a:a']", "UVICORN_PORT=${OTHER}", "line 1 computes UVICORN_PORT"),
    ],
)
def test_a_wrapper_hands_on_what_its_file_sets(
    configured: Callable[..., PythonProcess], command: str, text: str, port: object
) -> None:
    """python-dotenv over what the container sets, uv under it; the real ones are asked in tests/servers."""
    assert port == read(configured(command, {".env": text}), "port")
