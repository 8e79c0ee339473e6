"""The page as a browser shows it: headless Chromium, driven as a person would."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect, sync_playwright

from gracekeeper.reports.html.page import html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root

    Reported = Callable[..., Report]
    Deployment = Callable[..., str]

PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
CUT = "{containers: [{name: web, image: a, command: [gunicorn, --graceful-timeout=%d, a]}]}"
HOSTILE = "</script></noscript><img src=x onerror='document.title=1'>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("there is no Chromium here; Debian's package chromium-headless-shell would let us look at the page")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Opened:
    """A page in a browser, and what went wrong in it or was fetched beside it."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Watch it."""
        self.page.on("console", lambda message: self.wrong.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._requested)

    def _requested(self, request: Request) -> None:
        if not request.is_navigation_request() and not request.url.startswith("data:"):
            self.wrong.append(f"request: {request.url}")

    @property
    def rules(self) -> list[str]:
        """The rules of the findings in sight, in their order."""
        return self.page.locator(".finding:visible h5").all_inner_texts()

    @property
    def names(self) -> list[str]:
        """The names of the objects in sight."""
        return self.page.locator(".workload:visible h3 b").all_inner_texts()

    @property
    def count(self) -> Locator:
        """What the page says it shows."""
        return self.page.locator("#count")

    @property
    def hash(self) -> str:
        """The address behind the hash."""
        return str(self.page.evaluate("location.hash"))


Scheme: TypeAlias = Literal["light", "dark"]
Open: TypeAlias = Callable[..., Opened]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that remembers nothing."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def opened(context: BrowserContext, tmp_path: Path, root: Root) -> Iterator[Open]:
    """Opens a report's page; at the end nothing may have gone wrong in any."""
    pages: list[Opened] = []

    def open_(report: Report, behind: str = "") -> Opened:
        (tmp_path / "page.html").write_text(html(report, root), encoding="utf-8")
        pages.append(Opened(context.new_page()))
        pages[-1].page.goto(f"file://{tmp_path / 'page.html'}{behind}")
        return pages[-1]

    yield open_
    assert [] == [wrong for page in pages for wrong in page.wrong]


@pytest.fixture
def several(reported: Reported, deployment: Deployment) -> Report:
    """Three workloads in two namespaces, of two kinds."""
    job = deployment(CUT % 60, name="nightly").replace("Deployment", "StatefulSet").replace("shop", "night", 1)
    return reported(api=deployment(CUT % 45, name="api"), web=deployment(CUT % 90, name="web"), nightly=job)


def test_findings_are_shown_by_workload(opened: Open, several: Report) -> None:
    """Each with its rule and its lines; the shutdown that is meant is drawn."""
    page = opened(several)
    expect(page.page.locator(".finding")).to_have_count(6)

    assert page.names == ["api", "nightly", "web"]
    assert page.rules == ["too-short", "limit-missing"] * 3
    expect(page.page.get_by_role("img", name="Stop of web")).to_have_count(3)
    expect(page.page.locator("pre mark").first).to_have_text("spec:")


def test_severity_is_chosen(opened: Open, several: Report) -> None:
    """One or more; none means all."""
    page = opened(several)
    page.page.get_by_label("warnings").check()
    expect(page.count).to_have_text("3 of 6 findings in 3 objects")
    assert page.rules == ["limit-missing"] * 3
    page.page.get_by_label("errors").check()
    expect(page.count).to_have_text("6 findings in 3 objects")


@pytest.mark.parametrize(
    ("label", "option", "told", "behind"),
    [
        ("Rule", "too-short", "3 of 6 findings in 3 objects", "#rule=too-short"),
        ("Namespace", "night", "2 of 6 findings in 1 object", "#namespace=night"),
        ("Kind", "Deployment", "4 of 6 findings in 2 objects", "#kind=Deployment"),
    ],
)
def test_a_choice_is_kept_in_the_address(
    opened: Open, several: Report, label: str, option: str, told: str, behind: str
) -> None:
    """Whoever opens that address sees the same."""
    page = opened(several)
    page.page.get_by_label(label, exact=True).select_option(option)
    expect(page.count).to_have_text(told)
    assert page.hash == behind

    again = opened(several, behind)
    expect(again.count).to_have_text(told)
    expect(again.page.get_by_label(label, exact=True)).to_have_value(option)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("api", "2 of 6 findings in 1 object"),
        ("up to 90", "1 of 6 findings in 1 object"),
        ("MEMORY night", "1 of 6 findings in 1 object"),
        ("nowhere", "0 of 6 findings in 0 objects"),
        ("article", "0 of 6 findings in 0 objects"),
        ("terminationGracePeriodSeconds:", "3 of 6 findings in 3 objects"),
    ],
)
def test_words_are_searched(opened: Open, several: Report, words: str, told: str) -> None:
    """All of them have to stand in a finding, its workload's name or its lines; markup is no word."""
    page = opened(several)
    page.page.get_by_role("searchbox").fill(words)

    expect(page.count).to_have_text(told)
    expect(page.page.locator("#nothing")).to_be_visible(visible=told.startswith("0"))


def test_characters_with_a_meaning_are_searched(opened: Open, reported: Reported, deployment: Deployment) -> None:
    """As they stand on the page, not as they stand in its source."""
    report = reported(web=deployment('{containers: [{name: "a<b>&\'c", image: a}]}'), other=deployment(CUT % 31))
    page = opened(report)
    page.page.get_by_role("searchbox").fill("a<b>&'c")

    expect(page.count).to_have_text("1 of 3 findings in 1 object")


def test_the_whole_is_shown_again(opened: Open, several: Report) -> None:
    """By the button and by the sentence that stands where nothing matches."""
    page = opened(several, "#q=nowhere&severity=error")
    page.page.get_by_role("link", name="Show all findings").click()
    expect(page.count).to_have_text("6 findings in 3 objects")
    page.page.get_by_role("searchbox").fill("api")
    page.page.get_by_role("button", name="Show all").click()
    expect(page.count).to_have_text("6 findings in 3 objects")
    assert page.hash == ""


def test_the_table_of_rules_leads_to_findings(opened: Open, several: Report) -> None:
    """What to mend first is a click away."""
    page = opened(several)
    page.page.get_by_text("By rule").click()
    page.page.get_by_role("link", name="limit-missing").first.click()

    expect(page.count).to_have_text("3 of 6 findings in 3 objects")
    expect(page.page.get_by_label("warnings")).to_be_checked()


def test_a_finding_has_an_address(opened: Open, several: Report) -> None:
    """Its fingerprint, as in every other report."""
    last = several.fingerprints[several.found[-1]]
    page = opened(several, f"#{last}")

    expect(page.page.locator(f"[id='{last}']")).to_be_in_viewport()


def test_keyboard_alone_is_enough(opened: Open, several: Report) -> None:
    """Skip to the findings, choose, search, fold and unfold; what has the focus is seen."""
    page = opened(several)
    keyboard = page.page.keyboard
    keyboard.press("Tab")
    expect(page.page.get_by_role("link", name="Skip to the findings")).to_be_focused()
    expect(page.page.get_by_role("link", name="Skip to the findings")).to_be_in_viewport()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(page.page.get_by_role("searchbox")).to_be_focused()
    assert page.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keyboard.type("nightly")
    expect(page.count).to_have_text("2 of 6 findings in 1 object")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(page.count).to_have_text("1 of 6 findings in 1 object")
    summary = page.page.locator(".workload:visible > details > summary")
    summary.focus()
    keyboard.press("Enter")
    assert page.rules == []
    keyboard.press("Enter")
    expect(page.page.locator(".finding:visible")).to_have_count(1)


def test_everything_is_folded_at_once(opened: Open, several: Report) -> None:
    """And unfolded."""
    page = opened(several)
    fold = page.page.get_by_role("button", name="Fold all")
    fold.click()
    expect(page.page.locator(".finding:visible")).to_have_count(0)
    expect(fold).to_have_attribute("aria-pressed", "true")
    fold.click()
    expect(page.page.locator(".finding:visible")).to_have_count(6)


def test_a_remedy_is_copied(opened: Open, several: Report, context: BrowserContext) -> None:
    """As it has to be written."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(several)
    page.page.get_by_role("button", name="Copy").first.click()

    expect(page.page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.page.locator("#copied")).to_have_text("Copied terminationGracePeriodSeconds: 77")
    assert page.page.evaluate("navigator.clipboard.readText()") == "terminationGracePeriodSeconds: 77"


def test_a_remedy_is_marked_where_it_cannot_be_copied(opened: Open, several: Report, context: BrowserContext) -> None:
    """A page in a frame may have no clipboard; the keyboard takes what is marked."""
    context.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    page = opened(several)
    page.page.get_by_role("button", name="Copy").first.click()

    assert page.page.evaluate("getSelection().toString()") == "terminationGracePeriodSeconds: 77"


def test_theme_is_the_systems_until_one_is_chosen(opened: Open, several: Report) -> None:
    """The choice is remembered."""
    page = opened(several)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.page.evaluate(ground)
    page.page.emulate_media(color_scheme="dark")
    dark = page.page.evaluate(ground)
    toggle = page.page.get_by_role("button", name="Dark")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")

    assert light != dark
    assert page.page.evaluate(ground) == light
    page.page.reload()
    assert page.page.evaluate(ground) == light


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_nobody_is_kept_out(opened: Open, everything: Report, scheme: Scheme, width: int) -> None:
    """Axe finds nothing: contrast, names, landmarks, headings; and no page is wider than its window."""
    page = opened(everything)
    page.page.emulate_media(color_scheme=scheme)
    page.page.set_viewport_size({"width": width, "height": 900})
    expect(page.page.locator(".finding")).to_have_count(3)
    page.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(page.page)

    assert [] == [(each["id"], [node["html"] for node in each["nodes"]]) for each in found.response["violations"]]
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_without_findings_has_nothing_to_filter(
    opened: Open, reported: Reported, deployment: Deployment
) -> None:
    """And its script ends there."""
    page = opened(reported(web=deployment("{containers: [{name: a, image: a, resources: {limits: {memory: 1Gi}}}]}")))

    expect(page.page.get_by_text("No findings.", exact=True)).to_be_visible()
    expect(page.page.get_by_role("search")).to_have_count(0)


def test_a_hostile_manifest_runs_nothing(opened: Open, reported: Reported, deployment: Deployment) -> None:
    """Its words are words, also once they were searched for."""
    quoted = HOSTILE.replace("'", "''")
    page = opened(reported(web=deployment(f"{{containers: [{{name: '{quoted}', image: a}}]}}")))
    page.page.get_by_role("searchbox").fill("onerror")

    expect(page.count).to_have_text("1 finding in 1 object")
    expect(page.page.locator("h4")).to_have_text(f"container {HOSTILE}")
    expect(page.page.locator("img")).to_have_count(0)
    assert page.page.title() == "Gracekeeper: 1 warning"


def test_scripts_may_be_forbidden(browser: Browser, several: Report, root: Root, tmp_path: Path) -> None:
    """As they are where Jenkins shows an artifact: everything is there, and nothing that would do nothing."""
    (tmp_path / "page.html").write_text(html(several, root), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{tmp_path / 'page.html'}")

    expect(page.locator(".finding:visible")).to_have_count(6)
    expect(page.locator("button:visible, form:visible, .blocked:visible")).to_have_count(0)
    context.close()


def test_a_server_may_forbid_the_script_alone(browser: Browser, several: Report, root: Root) -> None:
    """Then a browser shows neither what the script would make nor what stands there without: the page says so."""
    policy = {"content-security-policy": "script-src 'none'", "content-type": "text/html"}
    context = browser.new_context()
    context.route("**", lambda route: route.fulfill(body=html(several, root), headers=policy))
    page = context.new_page()
    page.goto("http://reports.example/page.html")

    expect(page.locator(".blocked")).to_be_visible()
    context.close()


def test_much_is_built_when_it_comes_into_sight(opened: Open, reported: Reported, deployment: Deployment) -> None:
    """All of it can be searched, printed and found by the browser's own search all the same."""
    many = "---\n".join(deployment(CUT % (100 + number), name=f"web-{number}") for number in range(600))
    page = opened(reported(many=many))
    built = page.page.locator(".finding")
    expect(page.count).to_have_text("1200 findings in 600 objects")
    assert 0 < built.count() < 200
    page.page.get_by_role("searchbox").fill("web-599")
    expect(page.page.locator(".finding:visible")).to_have_count(2)
    page.page.get_by_role("searchbox").fill("")
    page.page.keyboard.press("End")
    page.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.page.locator(".workload").last.locator(".finding")).to_have_count(2)
    page.page.keyboard.press("Control+f")
    expect(built).to_have_count(1200)


LAG = """async (words) => {
    const search = document.getElementById("q"), began = performance.now();
    search.value = words;
    search.dispatchEvent(new Event("input", {bubbles: true}));
    await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)));
    return performance.now() - began;
}"""
OPEN_IN = "new Promise((shown) => requestAnimationFrame(() => setTimeout(() => shown(performance.now()))))"


def test_two_thousand_workloads_open_and_are_filtered_without_a_long_wait(
    opened: Open, reported: Reported, deployment: Deployment
) -> None:
    """`make bench-html` holds the bounds of two seconds and a tenth of one; this notices what is far off them."""
    report = reported(
        **{
            f"team-{team}": "---\n".join(deployment(CUT % (31 + team), name=f"web-{team}-{each}") for each in range(50))
            for team in range(40)
        }
    )
    pages = [opened(report).page for _ in range(3)]
    taken = []
    for page in pages:
        page.reload()
        taken.append(page.evaluate(OPEN_IN))
        page.wait_for_timeout(1000)
    lags = {words: min(page.evaluate(LAG, words) for page in pages) for words in ("web-39", "gunicorn", "")}

    assert min(taken) < 6000
    assert [] == [(words, lag) for words, lag in lags.items() if lag >= 400]
