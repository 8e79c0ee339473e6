"""Files as pipelines call them."""

from __future__ import annotations

import pytest

from gracekeeper.reports.roots import Root

HERE = Root("/work/shop", "/work/shop/deploy")


@pytest.mark.parametrize(
    ("origin", "path", "uri"),
    [
        ("web.yaml", "deploy/web.yaml", "deploy/web.yaml"),
        ("./base//web.yaml", "deploy/base/web.yaml", "deploy/base/web.yaml"),
        ("../web.yaml", "web.yaml", "web.yaml"),
        ("/work/shop/a/web.yaml", "a/web.yaml", "a/web.yaml"),
        ("../../other/web.yaml", "/work/other/web.yaml", "file:///work/other/web.yaml"),
        ("/etc/web.yaml", "/etc/web.yaml", "file:///etc/web.yaml"),
        ("..web.yaml", "deploy/..web.yaml", "deploy/..web.yaml"),
        ("a b/ü#?%.yaml", "deploy/a b/ü#?%.yaml", "deploy/a%20b/%C3%BC%23%3F%25.yaml"),
        ("web.yaml (rendered)", "deploy/web.yaml", "deploy/web.yaml"),
        ("git:main:deploy/web.yaml", "deploy/web.yaml", "deploy/web.yaml"),
        ("-", "-", "-"),
    ],
)
def test_a_file_is_named_from_the_root_of_the_checkout(origin: str, path: str, uri: str) -> None:
    """Wherever in it the program runs; what lies outside keeps its whole name."""
    assert (HERE.path(origin), HERE.uri(origin)) == (path, uri)
