"""Where a server can write before it works: on a root file system that is read-only, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.verdict import Verdict

TMP = "volumeMounts: [{name: tmp, mountPath: /tmp}]"
FIELDS = """
    volumes: [{name: tmp, emptyDir: {}}, {name: settings, configMap: {name: settings}}]
    containers:
    - name: web
      image: shop/web:1.4.2
      command: COMMAND
      MORE
"""


def lacks(process: Callable[..., PythonProcess], line: str, more: str = "") -> bool:
    """Whether a folder is missing."""
    text = FIELDS.replace("COMMAND", str(line.split())).replace("MORE", more)
    return process(text).unwritable_folder is not None


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("gunicorn a:a", True),
        ("gunicorn --worker-tmp-dir /dev/shm a:a", False),
        ("gunicorn --worker-tmp-dir=/dev/shm/w a:a", False),
        ("gunicorn --worker-tmp-dir /run a:a", True),
        ("gunicorn --worker-tmp-dir run a:a", False),
        ("env TMPDIR=/dev/shm gunicorn a:a", False),
        ("env TMPDIR=/data gunicorn a:a", True),
        ("uvicorn a:a", False),
        ("hypercorn a:a", False),
        ("granian a:a", False),
        ("daphne a:a", False),
        ("waitress-serve a:a", False),
        ("uwsgi --http :80 --master", False),
        ("flask run", False),
        ("python manage.py runserver", False),
        ("celery -A shop worker", True),
        ("celery -A shop worker -P solo", False),
        ("celery -A shop beat", True),
        ("celery -A shop beat -s /dev/shm/schedule", False),
        ("celery -A shop beat -S django", False),
    ],
)
def test_some_servers_need_a_folder_before_they_start(
    process: Callable[..., PythonProcess], line: str, *, missing: bool
) -> None:
    """A relative path lies in a working directory that nobody told: nothing is claimed."""
    assert missing == lacks(process, line)


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        (TMP, False),
        (TMP.replace("/tmp", "/var"), False),
        (TMP.replace("/tmp", "/tmp/cache"), True),
        (TMP.replace("/tmp", "/tmpfiles"), True),
        (TMP.replace("/tmp}", "/tmp, readOnly: true}"), True),
        (TMP.replace("name: tmp", "name: settings"), True),
        (TMP.replace("name: tmp", "name: claim"), False),
        ("workingDir: /data\n      " + TMP.replace("/tmp", "/data"), False),
        ("workingDir: /app\n      " + TMP.replace("/tmp", "/data"), True),
    ],
)
def test_the_nearest_mount_decides(process: Callable[..., PythonProcess], more: str, *, missing: bool) -> None:
    """A volume that the pod does not name is a StatefulSet's claim, which can be written."""
    assert missing == lacks(process, "gunicorn a:a", more)


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ("", ""),
        (TMP.replace("/tmp", "/data"), "it may start in /data"),
        ("envFrom: [{secretRef: {name: keys}}]", "Secret keys may set it"),
    ],
)
def test_what_may_be_writable_after_all_is_doubted(
    process: Callable[..., PythonProcess], more: str, doubt: str
) -> None:
    """The folder it starts in stands in the image, and a variable may stand in a Secret."""
    lack = process(FIELDS.replace("COMMAND", "[gunicorn, 'a:a']").replace("MORE", more)).unwritable_folder
    assert lack is not None
    assert doubt == lack.doubt


def test_a_variable_that_is_not_known_may_name_any_folder(process: Callable[..., PythonProcess]) -> None:
    """So nothing is claimed."""
    text = FIELDS.replace("COMMAND", "[gunicorn, 'a:a']")
    value = "{name: TMPDIR, valueFrom: {secretKeyRef: {name: keys, key: folder}}}"
    assert process(text.replace("MORE", f"env: [{value}]")).unwritable_folder is None


def test_a_root_file_system_that_can_be_written_needs_no_volume(verdict: Callable[..., Verdict]) -> None:
    """The rule asks that first."""
    rulings = verdict(FIELDS.replace("COMMAND", "[gunicorn, 'a:a']").replace("MORE", "")).rulings
    assert "temp-directory-missing" not in {ruling.rule.id for ruling in rulings}
