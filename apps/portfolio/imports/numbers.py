"""Numbers as files write them: which mark is the decimal one, and what a text is worth."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

POINT, COMMA = ".", ","
_MINUSES = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\uff0d\ufe63", "-"))
_SPACES = re.compile(r"\s")
_LONGEST = 60
_SHAPES = {
    mark: re.compile(
        rf"(?P<whole>\d{{1,3}}(?:[{group}]\d{{3}})+|\d+)?(?:[{mark}](?P<part>\d*))?(?P<power>[eE][+-]?\d{{1,3}})?"
    )
    for mark, group in ((POINT, ",'’ "), (COMMA, ".'’ "))
}
_LIKE_A_NUMBER = re.compile(r"[-+(]*[\d.,'’ ]*\d[\d.,'’ ]*\)?-?")


class NumberError(ValueError):
    """The text is no number in this style; the message says why."""


def number_of(text: str, mark: str) -> Decimal | None:
    """The number; None for an empty cell or a dash. Raises NumberError.

    Parentheses and a minus at either end make it negative; full-width digits, every minus and currency signs are read.
    """
    plain = _plain(text)
    if plain in {"", "-", "--", "n/a", "N/A"}:
        return None
    if len(plain) > _LONGEST:
        raise NumberError(f"“{text[:24]}…” is too long for a number.")
    body, is_negative = _unsigned(plain)
    match = _SHAPES[mark].fullmatch(body)
    if match is None or not (match["whole"] or match["part"]):
        raise NumberError(_reason(text, body, mark))
    digits = re.sub(r"\D", "", match["whole"] or "0")
    value = Decimal(f"{digits}.{match['part'] or '0'}{match['power'] or ''}")
    return -value if is_negative else value


def _plain(text: str) -> str:
    """Full-width digits become digits, spaces plain ones, and signs of currencies go."""
    text = unicodedata.normalize("NFKC", text).translate(_MINUSES)
    kept = "".join(letter for letter in text if unicodedata.category(letter) != "Sc")
    return _SPACES.sub(" ", kept).strip()


def _unsigned(plain: str) -> tuple[str, bool]:
    body = plain.replace("- ", "-").replace("+ ", "+")
    for opening, closing in (("(", ")"), ("-(", ")"), ("-", ""), ("", "-")):
        inner = body.removeprefix(opening).removesuffix(closing)
        if body == opening + inner + closing:
            return inner.strip(), True
    return body.removeprefix("+").strip(), False


def _reason(text: str, body: str, mark: str) -> str:
    other = COMMA if mark == POINT else POINT
    if _SHAPES[other].fullmatch(body):
        return f"“{text}” is no number with “{mark}” before the decimals; the file may write them after “{other}”."
    return f"“{text[:24]}” is no number."


def mark_of(cells: Iterable[str], delimiter: str) -> str | None:
    """The decimal mark that the cells agree on; the point where none shows any; None where it must be asked.

    "1,234" alone says nothing: a thousand, or one and a bit. In a file whose cells are separated by commas a lone
    point is a decimal one, as it was written to be.
    """
    votes = {POINT: 0, COMMA: 0}
    doubtful = set()
    for body in (_unsigned(_plain(cell))[0] for cell in cells):
        if not _LIKE_A_NUMBER.fullmatch(body):
            continue
        sure, mark = _told_by(body)
        if sure and mark:
            votes[mark] += 1
        elif mark:
            doubtful.add(mark)
    if votes[POINT] != votes[COMMA]:
        return max(votes, key=lambda mark: votes[mark])
    if votes[POINT] or COMMA in doubtful or (POINT in doubtful and delimiter != ","):
        return None
    return POINT


def _told_by(body: str) -> tuple[bool, str | None]:
    """Whether one cell is sure of its decimal mark, and which it is."""
    points, commas = body.count(POINT), body.count(COMMA)
    if points and commas:
        return True, POINT if body.rfind(POINT) > body.rfind(COMMA) else COMMA
    if points > 1 or commas > 1:  # groups of thousands
        return True, COMMA if points else POINT
    mark = POINT if points else COMMA if commas else None
    if mark is None:
        return False, None
    whole, _, part = body.partition(mark)
    return len(part) != 3 or whole in {"0", ""} or len(whole) > 3, mark
