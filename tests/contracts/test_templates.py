"""Every part that a view, a push or a template names exists, and every page holds together."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from apps.accounts.models import User
from tests.conftest import ClientOf
from tests.contracts.addresses import NAMES, path_of

TEMPLATES = sorted(
    str(p.relative_to(settings.BASE_DIR / "templates")) for p in (settings.BASE_DIR / "templates").rglob("*.html")
)
SOURCES = [*(settings.BASE_DIR / "apps").rglob("*.py"), *(settings.BASE_DIR / "templates").rglob("*.html")]
PART = re.compile(r"[\"']([\w/]+\.html)#([\w-]+)[\"']")
CALL = re.compile(r"render_page\(\s*request,\s*\"([\w/.]+)\",.*?partial=\"([\w-]+)\"", re.DOTALL)


def _parts() -> set[tuple[str, str]]:
    texts = [path.read_text() for path in SOURCES]
    return {found for text in texts for found in [*PART.findall(text), *CALL.findall(text)]}


def test_parts_were_found() -> None:
    assert ("ui.html", "crumbs") in _parts()


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize(("template", "part"), sorted(_parts()))
def test_every_part_that_is_named_exists(template: str, part: str) -> None:
    get_template(f"{template}#{part}")


def test_nothing_is_written_inline() -> None:
    """The policy of the pages would refuse it: no style attribute, no handler, no script with a body."""
    inline = re.compile(
        r"\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)(?![^>]*json)[^>]*>|<style|\{% autoescape off|\|safe\b"
    )
    guilty = [f"{name}: {match}" for name in TEMPLATES if not {"pdf", "mail"} & set(Path(name).parts)
              for match in inline.findall((settings.BASE_DIR / "templates" / name).read_text())]  # fmt: skip
    assert guilty == []


def test_every_template_is_used() -> None:
    texts = "\n".join(path.read_text() for path in SOURCES)
    mine = [name for name in TEMPLATES if not name.startswith("admin/")]  # found by Django under its own names
    unused = [name for name in mine if not re.search(rf"[\"']{re.escape(name)}[\"'#]", texts)]
    assert set(unused) <= {"400.html", "403.html", "404.html", "500.html"}


FILES = {"healthz", "readyz", "report_download", "portfolio_export_file"}


class Page(HTMLParser):
    """What a page says about itself: its ids, its targets, its addresses and its controls."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.targets: set[str] = set()
        self.lonely: list[str] = []
        self.images = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A link or form works without scripts: `hx-get` has an `href` (or is a field), `hx-post` an `action`."""
        given = {name: value or "" for name, value in attrs}
        self.ids.update([given["id"]] if "id" in given else [])
        for name in ("hx-target", "aria-controls", "for", "aria-labelledby", "aria-describedby"):
            targets = given.get(name, "").removeprefix("#").split()
            self.targets.update(t for t in targets if t not in {"this", "body"} and not t.startswith("closest"))
        if "hx-get" in given and tag == "a" and not given.get("href"):
            self.lonely.append(f"{tag} hx-get={given['hx-get']}")
        if "hx-post" in given and tag != "form":
            self.lonely.append(f"{tag} hx-post={given['hx-post']}")
        if tag == "form" and "hx-post" in given and not (given.get("action") and given.get("method") == "post"):
            self.lonely.append(f"form hx-post={given['hx-post']}")


@pytest.mark.django_db
@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("name", [name for name in NAMES if name not in FILES])
def test_every_page_holds_together(client_of: ClientOf, ann: User, name: str) -> None:
    """Ids are unique, every target is on the page, and everything works without scripts."""
    answer = client_of(ann).get(path_of(name))
    if answer.status_code in {302, 405} or not answer.headers["Content-Type"].startswith("text/html"):
        return
    assert answer.status_code == (404 if name == "invitation_accept" else 200)  # it wants a token
    page = Page(answer.text)
    assert [name for name, n in page.ids.items() if n > 1] == []
    assert page.lonely == []
    if "<html" in answer.text:
        assert page.targets - set(page.ids) == set()


def test_no_template_names_a_content_network() -> None:
    roots = [settings.BASE_DIR / "templates", settings.BASE_DIR / "static"]
    files = [path for root in roots for path in root.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    foreign = re.compile(r"(?:src=|url\(|import |<link [^>]*href=)[\"']?(?:https?:)?//")
    assert [str(Path(path).name) for path in files if foreign.search(path.read_text())] == []
