"""The page for a browser, as it is written; what becomes of it there is in `test_html_in_a_browser`."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.html.page import html
from gracekeeper.reports.html.templates import asset

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Report]
    Deployment = Callable[..., str]

HOSTILE = "</script></noscript><img src=//evil.example onerror=alert(1)>'\""


class Reader(HTMLParser):
    """Elements with their attributes, and all text."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of this name."""
        return [attributes for name, attributes in self.elements if name == tag]


def sha256(text: str) -> str:
    """As a policy writes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def without_assets(page: str) -> str:
    """The page without its style, its script, their hashes, and the program's version."""
    page = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", page, flags=re.DOTALL)
    return re.sub(r"sha256-[^&]+=", "sha256-", re.sub(r"Gracekeeper \d[\w.]*", "Gracekeeper VERSION", page))


def test_page(everything: Report, root: Root, expected: Expected) -> None:
    """What could not be read, the summary, findings by workload with lines and timelines, what is silenced."""
    expected("html/findings.html", without_assets(html(everything, root)))


def test_page_without_findings(reported: Reported, deployment: Deployment, root: Root, expected: Expected) -> None:
    """It says so, and has nothing to filter."""
    clean = """
        terminationGracePeriodSeconds: 60
        containers:
        - {name: web, image: a, command: [gunicorn, "a:a"], resources: {limits: {memory: 1Gi}}}
    """
    expected("html/clean.html", without_assets(html(reported(web=deployment(clean)), root)))


def test_page_is_the_same_at_every_run(everything: Report, root: Root) -> None:
    """It may be kept in version control."""
    assert html(everything, root) == html(everything, root)


def test_what_could_not_be_read_comes_first(everything: Report, root: Root) -> None:
    """Who scrolls no further knows that the verdict is not whole."""
    page = html(everything, root)
    places = [page.index(heading) for heading in (">Not read<", ">Findings<", ">Silenced<", ">Clean<")]

    assert places == sorted(places)


def test_silenced_findings_stand_apart(everything: Report, root: Root) -> None:
    """With what silences them, and not among those that count."""
    page = html(everything, root)
    [silenced] = re.findall(r'<section class="silenced">.*?</section>', page, re.DOTALL)

    assert "shop/silenced" not in page.partition(silenced)[0]
    assert silenced.count("shop/silenced") == 2
    assert "drained by the mesh" in silenced


def test_nothing_is_fetched(everything: Report, root: Root) -> None:
    """Every link leads to a place in the page; the icon is written into it."""
    reader = Reader(html(everything, root))
    links = [value or "" for _, attributes in reader.elements for name, value in attributes.items() if name in LINKS]

    assert {link[:5] if link.startswith("data:") else link[:1] for link in links} == {"#", "data:"}
    assert "url(" not in asset("page.css")
    assert "@import" not in asset("page.css")


SHOWN = ("name", "namespace", "container", "file")
LINKS = ("src", "href", "xlink:href", "action", "formaction", "poster", "srcset", "data", "cite", "background")


def test_policy_allows_our_style_and_script_alone(everything: Report, root: Root) -> None:
    """By their hashes, as they stand in the page; no style and no handler stands in an element."""
    page = html(everything, root)
    reader = Reader(page)
    [policy] = [each["content"] or "" for each in reader.named("meta") if "http-equiv" in each]
    hashes = {tag: sha256(re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[0]) for tag in ("style", "script")}

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; "
        f"script-src 'sha256-{hashes['script']}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert [] == [name for _, each in reader.elements for name in each if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("place", ["name", "namespace", "container", "image", "command", "file"])
def test_no_word_of_a_manifest_is_markup(reported: Reported, root: Root, place: str) -> None:
    """It closes no script, opens no image and runs nothing; it is text, wherever it stands."""
    words = {each: each for each in ("name", "namespace", "container", "image", "command")}
    quoted = {each: "'" + (HOSTILE if each == place else word).replace("'", "''") + "'" for each, word in words.items()}
    manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: {name}, namespace: {namespace}}}
        spec:
          template:
            spec:
              containers:
              - name: {container}
                image: {image}
                command: [gunicorn, --graceful-timeout=60, {command}]
    """
    file = HOSTILE.replace("/", "_") if place == "file" else "web"
    page = html(reported(**{file: manifest.format(**quoted)}), root)
    reader = Reader(page)

    assert page.count("<script>") == page.count("</script") == 1
    assert page.count("<noscript>") == page.count("</noscript")
    assert reader.named("img") == []
    assert [] == [each for _, attributes in reader.elements for each in attributes if each.startswith("on")]
    assert (place in SHOWN) == (HOSTILE[-30:] in reader.text)


def test_characters_that_mislead_are_left_out(reported: Reported, deployment: Deployment, root: Root) -> None:
    """What turns the direction of text, what controls a terminal, and half of a surrogate pair."""
    page = html(reported(web=deployment('{containers: [{name: "a\\u202eb\\a\\0c", image: a}]}')), root)

    assert "abc" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)


def test_lines_lead_to_what_is_meant(everything: Report, root: Root) -> None:
    """From the top of the document on, with their numbers; what is meant is marked."""
    [lines] = re.findall(r'data-rule="too-short".*?<pre>(.*?)</pre>', html(everything, root), re.DOTALL)

    assert lines == (
        "<span><i>4</i>spec:\n</span>"
        "<span><i>6</i>  template:\n</span>"
        '<span class="at"><i>8</i>    <mark>spec:</mark> <em>terminationGracePeriodSeconds is not set</em>\n</span>'
    )


def test_a_line_of_a_thousand_letters_is_cut_around_what_is_meant(reported: Reported, root: Root) -> None:
    """A whole object may stand on one line."""
    pod = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"x": "' + "y" * 2000 + '"}}, "spec": '
        '{"containers": [{"name": "web", "image": "a", "command": ["gunicorn", "--graceful-timeout=60", "a"]}]}}'
    )
    page = html(reported(web=pod), root)
    [marked, *_] = re.findall(r'<span class="at"><i>1</i>(.*?)</span>', page, re.DOTALL)

    assert marked.startswith("…")
    assert len(marked) < 500


def test_a_remedy_with_a_secret_left_out_cannot_be_copied(everything: Report, root: Root) -> None:
    """What can be copied can be written as it stands."""
    page = html(everything, root)

    assert page.count('class="copy"') == len(re.findall(r"<code>[^<]*</code><button", page))
    assert "terminationGracePeriodSeconds: 77</code><button" in page
