"""Configuration files: read where a ConfigMap in sight holds them, literals only, nothing executed."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.process.python_settings import literal_assignments
from gracekeeper_policies.provenance import Default, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.verdict import Verdict

MANIFEST = """\
volumes: [{{name: settings, configMap: {volume}}}]
containers:
- command: {command}
  workingDir: {directory}
  volumeMounts: [{mount}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: shop}}
data:
  gunicorn.conf.py: |
{text}
"""


@pytest.fixture
def configured(process: Callable[..., PythonProcess]) -> Callable[..., PythonProcess]:
    """Reads gunicorn with a ConfigMap `settings`, whose key is `gunicorn.conf.py`, mounted."""

    def _configured(
        text: str = "graceful_timeout = 50",
        command: str = "[gunicorn, -c, /etc/gunicorn/gunicorn.conf.py, app:app]",
        mount: str = "{name: settings, mountPath: /etc/gunicorn}",
        volume: str = "{name: settings}",
        directory: str = "''",
    ) -> PythonProcess:
        indented = textwrap.indent(text, "    ")
        return process(MANIFEST.format(text=indented, command=command, mount=mount, volume=volume, directory=directory))

    return _configured


def test_a_mounted_file_is_read(configured: Callable[..., PythonProcess]) -> None:
    """And its value names the ConfigMap, the key and the line."""
    source = "ConfigMap settings, gunicorn.conf.py, line 2, graceful_timeout"
    assert Known(50.0, source) == configured("# ours\ngraceful_timeout = 50").shutdown.drain


@pytest.mark.parametrize(
    "place",
    [
        {"command": "[gunicorn, '--config=/etc/gunicorn/gunicorn.conf.py', 'app:app']"},
        {"command": "[gunicorn, -c, 'file:/etc/gunicorn/gunicorn.conf.py', 'app:app']"},
        {"mount": "{name: settings, mountPath: /etc/gunicorn/}"},
        {"mount": "{name: settings, mountPath: /etc/gunicorn/gunicorn.conf.py, subPath: gunicorn.conf.py}"},
        {
            "volume": "{name: settings, items: [{key: gunicorn.conf.py, path: deep/conf.py}]}",
            "command": "[gunicorn, -c, /etc/gunicorn/deep/conf.py, 'app:app']",
        },
        {
            "volume": "{name: settings, items: [{key: gunicorn.conf.py, path: conf.py}]}",
            "mount": "{name: settings, mountPath: /conf.py, subPath: conf.py}",
            "command": "[gunicorn, -c, /conf.py, 'app:app']",
        },
        {"command": "[gunicorn, -c, gunicorn.conf.py, 'app:app']", "directory": "/etc/gunicorn"},
        {"command": "[gunicorn, -c, ./gunicorn.conf.py, 'app:app']", "directory": "/etc/gunicorn/"},
        {"command": "[gunicorn, 'app:app']", "directory": "/etc/gunicorn"},
    ],
)
def test_the_file_is_found_wherever_it_is_mounted(
    configured: Callable[..., PythonProcess], place: dict[str, str]
) -> None:
    """By subPath, under another name, relative to the working directory, and by gunicorn's own default name."""
    assert 50.0 == getattr(configured(**place).shutdown.drain, "value", None)


@pytest.mark.parametrize(
    "place",
    [
        {"command": "[gunicorn, -c, /srv/gunicorn.conf.py, 'app:app']"},
        {"mount": "{name: other, mountPath: /etc/gunicorn}"},
        {"mount": "{name: settings, mountPath: /etc/gunicorn/gunicorn.conf.py, subPath: other.py}"},
        {"volume": "{name: elsewhere}"},
        {"volume": "{name: settings, items: [{key: other, path: gunicorn.conf.py}]}"},
        {"command": "[gunicorn, -c, gunicorn.conf.py, 'app:app']", "directory": "/srv"},
    ],
)
def test_a_named_file_out_of_sight_is_a_doubt(configured: Callable[..., PythonProcess], place: dict[str, str]) -> None:
    """Then the default proves nothing."""
    drain = configured(**place).shutdown.drain
    assert isinstance(drain, Default)
    assert drain.doubt.endswith("which is not in sight")


def test_a_file_that_nobody_names_is_presumed_absent(configured: Callable[..., PythonProcess]) -> None:
    """Only the image could hold it."""
    assert (
        Default(30.0, "gunicorn 27.0.1") == configured(command="[gunicorn, 'app:app']", directory="/srv").shutdown.drain
    )


def test_a_file_that_is_mounted_somewhere_may_be_where_the_server_starts(
    configured: Callable[..., PythonProcess],
) -> None:
    """Without a working directory only the image knows."""
    drain = configured(command="[gunicorn, 'app:app']").shutdown.drain
    assert isinstance(drain, Default)
    assert drain.doubt.endswith("gunicorn.conf.py is mounted, and it may start in that folder")


STREAMLIT = """
volumes: [{{name: settings, configMap: {{name: settings}}}}]
containers:
- name: web
  image: shop/web:1.4.2
  command: [streamlit, run, /app/web.py]
  workingDir: {directory}
  volumeMounts: [{mounts}]
  ports: [{{containerPort: 7001}}]
  readinessProbe: {{httpGet: {{path: /_stcore/health, port: 7001}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: shop}}
data:
  config.toml: |
    [server]
    port = 7001
"""
OF_USER = "{name: settings, mountPath: /root/.streamlit}"
OF_SCRIPT = "{name: settings, mountPath: /app/.streamlit}"
WHERE_IT_STARTS = "{name: settings, mountPath: /srv/.streamlit}"


@pytest.mark.parametrize("mounts", [OF_USER, OF_SCRIPT, f"{WHERE_IT_STARTS}, {OF_SCRIPT}"])
@pytest.mark.parametrize("directory", ["/srv", "''"])
def test_what_a_file_in_another_folder_may_set_is_not_told(
    process: Callable[..., PythonProcess], mounts: str, directory: str
) -> None:
    """There is one in the folder of its user, and one beside the script."""
    read = process(STREAMLIT.format(mounts=mounts, directory=directory))
    port = read.setting("port")
    assert isinstance(port, Unknown)
    assert port.reason.endswith(".streamlit/config.toml may set it, too")
    assert Default("0.0.0.0", "streamlit 1.67.0") == read.setting("host")


@pytest.mark.parametrize("folder", ["/etc/streamlit", "/app/old.streamlit"])
def test_a_file_of_another_name_sets_nothing(process: Callable[..., PythonProcess], folder: str) -> None:
    """It is not read."""
    mount = f"{{name: settings, mountPath: {folder}}}"
    assert Default(8501, "streamlit 1.67.0") == process(STREAMLIT.format(mounts=mount, directory="/srv")).setting(
        "port"
    )


def test_the_file_where_it_starts_is_read(process: Callable[..., PythonProcess]) -> None:
    """And holds where there is no other."""
    port = process(STREAMLIT.format(mounts=WHERE_IT_STARTS, directory="/srv")).setting("port")
    assert Known(7001.0, "ConfigMap settings, config.toml, line 2, server.port") == port


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        (WHERE_IT_STARTS, set()),
        (OF_USER, set()),
        (OF_SCRIPT, set()),
        ("{name: settings, mountPath: /etc}", {"probe-port-mismatch"}),
    ],
)
def test_a_port_that_such_a_file_sets_is_no_mistake(
    verdict: Callable[..., Verdict], mounts: str, expected: set[str]
) -> None:
    """A probe may well ask there."""
    rulings = verdict(STREAMLIT.format(mounts=mounts, directory="/srv")).rulings
    assert expected == {each.rule.id for each in rulings} & {"probe-port-mismatch", "configuration-unseen"}


def test_a_file_whose_name_cannot_be_told_is_a_doubt(process: Callable[..., PythonProcess]) -> None:
    """It may be any file."""
    drain = process("""
        containers:
        - command: [gunicorn, -c, $(CONFIG), app:app]
          env: [{name: CONFIG, valueFrom: {secretKeyRef: {name: keys}}}]
    """).shutdown.drain
    assert isinstance(drain, Default)
    assert drain.doubt.startswith("its configuration file cannot be told: CONFIG comes from Secret keys")


def test_a_computed_value_is_unknown(configured: Callable[..., PythonProcess]) -> None:
    """With the line that computes it."""
    reason = "ConfigMap settings, gunicorn.conf.py: line 2 computes graceful_timeout"
    assert Unknown(reason) == configured("import os\ngraceful_timeout = int(os.environ['GRACE'])").shutdown.drain


@pytest.mark.parametrize("text", ["graceful_timeout = (", "from shop.settings import *"])
def test_a_file_that_may_set_anything_puts_the_default_in_doubt(
    configured: Callable[..., PythonProcess], text: str
) -> None:
    """What is no Python, and what imports everything."""
    drain = configured(text).shutdown.drain
    assert isinstance(drain, Default)
    assert drain.doubt.startswith("ConfigMap settings, gunicorn.conf.py: ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("bind = '0.0.0.0:80'", "0.0.0.0:80"),
        ("bind = ['a:1', 'b:2']", ["a:1", "b:2"]),
        ("bind: str = 'a:1'", "a:1"),
        ("bind = other = 'a:1'", "a:1"),
        ("bind = 'a:1'\nbind = 'b:2'", "b:2"),
        ("bind = None", None),
        ("bind = -1", -1),
        (r"bind = '\d'", r"\d"),
        ("def post_fork(server, worker):\n    pass\nbind = 'a:1'", "a:1"),
    ],
)
def test_a_literal_is_read(text: str, value: object) -> None:
    """The last assignment of the module wins."""
    told = literal_assignments(text)["bind"]
    assert isinstance(told, Known)
    assert value == told.value


@pytest.mark.parametrize(
    "text",
    [
        "bind = host + ':80'",
        "bind = f'{host}:80'",
        "bind = ':80' if x else ':90'",
        "bind = ':80'\nif x:\n    bind = ':90'",
        "for bind in (':80',):\n    pass",
        "with open('x') as bind:\n    pass",
        "bind = 2\nbind += 1",
        "bind, workers = ':80', 4",
        "print(bind := ':80')",
        "bind = ':80'\ntry:\n    bind = x\nexcept NameError:\n    pass",
    ],
)
def test_what_is_computed_or_conditional_is_unknown(text: str) -> None:
    """Whatever form of assignment sets it."""
    assert isinstance(literal_assignments(text)["bind"], Unknown)


def test_a_declaration_sets_nothing() -> None:
    """`bind: str` alone names a type."""
    assert not isinstance(literal_assignments("bind: str").get("bind"), Known)


@pytest.mark.parametrize("text", ["", "# nothing", "import os", "print('bind')"])
def test_a_file_without_assignments_sets_nothing(text: str) -> None:
    """The defaults hold."""
    assert {} == literal_assignments(text)


@given(st.text(max_size=60) | st.text("bind= '\"()[]{},:\n0+-*x#", max_size=40))
def test_no_text_stops_the_reader(text: str) -> None:
    """A ConfigMap may hold anything."""
    assert all(isinstance(value, Known | Unknown) for value in literal_assignments(text).values())


def test_deep_nesting_stops_nobody() -> None:
    """Deeper than Python's own parser goes."""
    assert all(isinstance(value, Unknown) for value in literal_assignments("bind = " + "(" * 5000).values())
    assert isinstance(literal_assignments("bind = " + "-" * 3000 + "1").get("bind", Unknown("")), Unknown | Known)
