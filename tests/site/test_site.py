"""The documentation's site in a browser, from its files alone: `make docs` builds it and runs these."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site

ROOT: Final = Path(__file__).parents[2]
SITE: Final = ROOT / "docs/_build/html"
SOURCES: Final = sorted(
    path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    for glob in ("*.md", "rules/*.md", "servers/*.md")
    for path in (ROOT / "docs").glob(glob)
)
WIDTHS: Final = (1400, 400)
BROWSERS: Final = ("chromium-headless-shell", "chromium", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("there is no Chromium here; Debian's package chromium-headless-shell would let us look at the site")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of it; whatever is fetched from elsewhere fails the test."""
    page = browser.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    yield page
    page.close()
    assert [url for url in fetched if not url.startswith("file://")] == []


def address(name: str) -> str:
    """Where a page lies."""
    return (SITE / f"{name}.html").as_uri()


def test_every_document_is_a_page() -> None:
    """None is left out, and each has a title."""
    assert [name for name in SOURCES if not (SITE / f"{name}.html").is_file()] == []
    assert len(SOURCES) > 100


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gunicorn", "servers/gunicorn.html"),
        ("uvicorn graceful", "servers/uvicorn.html"),
        ("grace-period-too-short", "rules/grace-period-too-short.html"),
        ("baseline", "pipelines.html"),
    ],
)
def test_the_search_finds(page: Page, words: str, found: str) -> None:
    """What people type leads to the page that is about it."""
    page.goto(f"{address('search')}?q={words.replace(' ', '+')}")
    results = page.locator("ul.search a")
    expect(page.locator(".search-summary")).to_contain_text("found")
    expect(results.first).to_be_visible()

    assert found in [str(each.get_attribute("href")).partition("#")[0] for each in results.all()[:10]]


def test_the_search_starts_from_any_page(page: Page) -> None:
    """The box in the margin is enough."""
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(address("rules/run-as-root"))
    page.get_by_placeholder("Search").fill("waitress")
    page.keyboard.press("Enter")

    expect(page.locator("ul.search a[href*='servers/waitress.html']").first).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    """What is wide, such as an output or a table, scrolls by itself."""
    page.set_viewport_size({"width": width, "height": 900})
    wide = []
    for name in SOURCES:
        page.goto(address(name))
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(name)

    assert wide == []
