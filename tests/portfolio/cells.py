"""Every figure that a page shows in its main part: its text, the trail that it opens, and whether it is a fact."""

import html
import json
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any

THIN = "\N{THIN SPACE}"
FIGURE = re.compile(rf"[+−]?\d{{1,3}}(?:,\d{{3}})*(?:\.\d+)?{THIN}%|[+−]?\d{{1,3}}(?:,\d{{3}})*\.\d{{2,}}")
SILENT = {"script", "svg", "time", "style", "title", "option"}
VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
DATA = re.compile(r'<script id="trail-data" type="application/json">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """`why` is the address of its trail; a fact is recorded in the ledger or said by the market."""

    text: str
    why: str
    is_fact: bool


class Cells(HTMLParser):
    """What stands in `main`, or anywhere of a part of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.found: list[Cell] = []
        self.has_main = "<main" in text
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.stack.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self.stack):
            while self.stack.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._is_shown():
            return
        link = next((given["href"] for tag, given in self.stack if tag == "a" and given.get("class") == "why"), "")
        is_fact = any("data-fact" in given for _, given in self.stack)
        self.found += [Cell(match, link, is_fact) for match in FIGURE.findall(data)]

    def _is_shown(self) -> bool:
        tags = {tag for tag, _ in self.stack}
        return not tags & SILENT and ("main" in tags or not self.has_main)


def cells_of(text: str) -> list[Cell]:
    """In the page's order."""
    return Cells(text).found


def steps_of(text: str) -> list[dict[str, Any]]:
    """The machine-readable trail of a page."""
    found = DATA.search(text)
    assert found, text[:300]
    steps: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return steps


def as_shown(value: Fraction, like: str) -> str:
    """Written as the cell's text is: its places, its sign, its percentage."""
    is_percent, plain = "%" in like, like.removesuffix(f"{THIN}%")
    places = len(plain.partition(".")[2])
    with localcontext(prec=80):
        number = Decimal(value.numerator) / Decimal(value.denominator) * (100 if is_percent else 1)
        rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    sign = "−" if rounded < 0 else "+" if like.startswith("+") and rounded else ""
    return f"{sign}{abs(rounded):,f}{f'{THIN}%' if is_percent else ''}"
