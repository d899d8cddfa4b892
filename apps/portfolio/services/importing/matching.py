"""Which instrument a row of a file means: by a member's answer, by ISIN, by symbol; a name is only a proposal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from apps.market.models import Instrument, find_instruments
from apps.portfolio.imports.entries import Draft

MOST_PROPOSALS = 5


def key_of(draft: Draft) -> str:
    """What the file calls the thing: the same for every row about it."""
    return " ".join(part for part in (draft.isin, draft.symbol, draft.mic) if part) or draft.name


class Matcher:
    """Instruments of all drafts, found in a few queries."""

    def __init__(self, drafts: Iterable[Draft], answers: Mapping[str, str | None]) -> None:
        self.answers = answers
        seen = list(drafts)
        isins = {draft.isin for draft in seen if draft.isin}
        symbols = {spelling for draft in seen for spelling in spellings(draft.symbol)}
        found = Instrument.objects.select_related("exchange").filter(isin__in=isins) if isins else ()
        self.by_isin = _grouped((one.isin, one) for one in found)
        listed = Instrument.objects.select_related("exchange").filter(symbol__in=symbols) if symbols else ()
        self.by_symbol = _grouped((one.symbol, one) for one in listed)
        named = {answer.partition(":")[2] for answer in answers.values() if answer}
        told = Instrument.objects.select_related("exchange").filter(symbol__in=named) if named else ()
        self.by_name = {f"{one.exchange_id}:{one.symbol}": one for one in told}

    def is_left_out(self, draft: Draft) -> bool:
        """Whether a member said so."""
        return key_of(draft) in self.answers and self.answers[key_of(draft)] is None

    def find(self, draft: Draft) -> Instrument | None:
        """The one instrument that it can mean; None where there is none, or more than one."""
        answer = self.answers.get(key_of(draft))
        if answer is not None:
            return self.by_name.get(answer)
        if draft.isin and draft.isin in self.by_isin:
            return _one_of(self.by_isin[draft.isin], draft)
        for spelling in spellings(draft.symbol):
            fitting = [
                one for one in self.by_symbol.get(spelling, []) if not draft.isin or one.isin in {"", draft.isin}
            ]
            if fitting:
                return _one_of(fitting, draft)
        return None


def proposals(words: str) -> list[Instrument]:
    """What the words of a file may mean, likeliest first."""
    keys = [row.pk for row in find_instruments(words, MOST_PROPOSALS)]
    known = Instrument.objects.select_related("exchange").in_bulk(keys)
    return [known[key] for key in keys if key in known]


def spellings(symbol: str) -> list[str]:
    """A class of shares is written BRK B, BRK.B and BRK/B, too."""
    if not symbol:
        return []
    dashed = symbol.replace(" ", "-").replace("/", "-").replace(".", "-")
    return list(dict.fromkeys([symbol, dashed]))


def _one_of(found: Sequence[Instrument], draft: Draft) -> Instrument | None:
    """The only one, or the only one of the row's exchange, of its symbol, of its currency."""
    tests = (
        lambda one: not draft.mic or one.exchange_id == draft.mic,
        lambda one: not draft.symbol or one.symbol in spellings(draft.symbol),
        lambda one: not draft.currency or one.currency == draft.currency,
        lambda one: one.delisted_on is None,
    )
    left = list(found)
    for test in tests:
        if len(left) == 1:
            break
        left = [one for one in left if test(one)] or left
    if draft.mic and draft.mic not in {one.exchange_id for one in left}:
        return None
    return left[0] if len(left) == 1 else None


def _grouped(pairs: Iterable[tuple[str, Instrument]]) -> dict[str, list[Instrument]]:
    found: defaultdict[str, list[Instrument]] = defaultdict(list)
    for key, instrument in pairs:
        found[key].append(instrument)
    return found
