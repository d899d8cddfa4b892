"""What a row is: its word for the kind, and its signs where the word leaves them to decide."""

from collections.abc import Mapping
from decimal import Decimal

from apps.portfolio.imports.layouts import CASH, DELIVERY, IGNORE, TRADE, meaning_of
from apps.portfolio.movements import INCOME, UNITS_IN, Kind

_BY_SIGN = {
    TRADE: ("quantity", Kind.BUY, Kind.SELL),
    DELIVERY: ("quantity", Kind.DELIVERY_IN, Kind.DELIVERY_OUT),
    CASH: ("amount", Kind.DEPOSIT, Kind.WITHDRAWAL),
}


class SignError(ValueError):
    """The row does not say what it is; `about` is the field that fails."""

    def __init__(self, words: str, about: str) -> None:
        super().__init__(words)
        self.about = about


def kind_of(word: str | None, numbers: Mapping[str, Decimal], kinds: Mapping[str, str]) -> Kind | None:
    """None for rows to leave out; without a column for it (word None) the sign of the quantity decides.

    Raises SignError.
    """
    if word is None:
        meaning: str | None = TRADE if numbers.get("quantity") else CASH
    elif not word:
        raise SignError("The kind is missing.", "kind")
    else:
        meaning = meaning_of(word, kinds)
    if meaning is None:
        raise SignError(f"“{(word or '')[:40]}” is no kind that is known: say what it means.", "kind")
    if meaning == IGNORE:
        return None
    if meaning in _BY_SIGN:
        return _by_sign(meaning, numbers)
    return _checked(Kind(meaning), numbers)


def _by_sign(meaning: str, numbers: Mapping[str, Decimal]) -> Kind:
    decider, plus, minus = _BY_SIGN[meaning]
    value = numbers.get(decider)
    if not value:
        raise SignError(f"The {decider} is missing, and its sign says what the row is.", decider)
    return plus if value > 0 else minus


def _checked(kind: Kind, numbers: Mapping[str, Decimal]) -> Kind:
    """What comes in by its kind cannot be negative: a reversal is another row, not this one with a sign."""
    if kind in UNITS_IN and numbers.get("quantity", Decimal(0)) < 0:
        raise SignError(f"{kind.label}: a negative quantity would take units out: record that by hand.", "quantity")
    if (kind in INCOME or kind is Kind.DEPOSIT) and numbers.get("amount", Decimal(0)) < 0:
        raise SignError(f"{kind.label}: a negative amount is a reversal. Record it by hand.", "amount")
    return kind
