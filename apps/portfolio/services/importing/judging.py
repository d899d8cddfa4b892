"""What becomes of each row of a file: new, there already, in need of its symbol, or impossible, with the reason."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from apps.market.currencies import NoRateError, conversion, needed_pairs
from apps.market.models import FxRate
from apps.portfolio.errors import LedgerError
from apps.portfolio.imports.entries import Draft
from apps.portfolio.imports.oversells import oversells
from apps.portfolio.imports.reading import Read, read
from apps.portfolio.imports.twins import Sameness, twins_among
from apps.portfolio.models import Import, Kind, Portfolio, Transaction
from apps.portfolio.models.imports import Status
from apps.portfolio.services.books import own_splits, rows_of
from apps.portfolio.services.entries import check_entry, market_day
from apps.portfolio.services.importing.building import Builder
from apps.portfolio.services.importing.matching import Matcher, key_of
from apps.portfolio.services.importing.uploads import content_of, layout_of
from apps.portfolio.services.series import splits_of
from apps.portfolio.splits import Split

A_STEP = 5_000
SAME = ("traded_on", "kind", "instrument_id", "quantity", "price", "amount", "numerator", "denominator", "fee", "tax")

type Tell = Callable[[int], object]


@dataclass(slots=True)
class Judged:
    """A row of the file with what becomes of it; `entry` is the ledger's row for one that may be recorded."""

    read: Read
    status: Status
    entry: Transaction | None = None
    problem: str = ""
    about: str = ""
    key: str = ""

    def refuse(self, problem: str, about: str = "") -> None:
        """It cannot be true."""
        self.status, self.problem, self.about = Status.ERROR, problem[:280], about


def judge(imported: Import, tell: Tell = lambda done: None) -> list[Judged]:
    """Of every row, in the order of the file; `tell` hears how many are done. Raises UnreadableFileError."""
    portfolio = imported.portfolio
    reads = _told(read(content_of(imported), layout_of(imported), portfolio.base_currency), tell)
    matcher = Matcher((one.draft for one in reads if one.draft), imported.symbols)
    builder = Builder(portfolio)
    judged = [_first_judgement(one, matcher, builder) for one in reads]
    _refuse_untrue(judged)
    _refuse_without_rate(judged, portfolio)
    _find_twins(judged, portfolio)
    _refuse_oversells(judged, portfolio)
    return judged


def digest_of(judged: Iterable[Judged]) -> str:
    """The same for the same judgement of every row."""
    return sha256("\n".join(f"{one.read.number} {one.status}" for one in judged).encode()).hexdigest()


def _told(reads: Iterable[Read], tell: Tell) -> list[Read]:
    found: list[Read] = []
    for place, one in zip(count(1), reads):
        found.append(one)
        if place % A_STEP == 0:
            tell(place)
    return found


def _first_judgement(one: Read, matcher: Matcher, builder: Builder) -> Judged:
    """By the row alone and the instrument that it means."""
    if one.problem:
        return Judged(one, Status.ERROR, problem=one.problem[:280], about=one.about)
    if one.draft is None or matcher.is_left_out(one.draft):
        return Judged(one, Status.LEFT, key=key_of(one.draft) if one.draft else "")
    instrument = matcher.find(one.draft) if builder.takes_instrument(one.draft) else None
    if instrument is None and builder.needs_instrument(one.draft):
        return _without_instrument(one, one.draft)
    return Judged(one, Status.NEW, builder.entry_of(one.draft, instrument), key=key_of(one.draft))


def _without_instrument(one: Read, draft: Draft) -> Judged:
    key = key_of(draft)
    if not key:
        return Judged(one, Status.ERROR, problem="The row does not say which instrument it is about.", about="symbol")
    return Judged(
        one, Status.SYMBOL, problem=f"No one instrument is known as {key[:120]}.", about="symbol", key=key[:200]
    )


def _new(judged: Iterable[Judged]) -> list[tuple[Judged, Transaction]]:
    return [(one, one.entry) for one in judged if one.status == Status.NEW and one.entry is not None]


def _refuse_untrue(judged: Sequence[Judged]) -> None:
    today = market_day()
    for one, entry in _new(judged):
        try:
            check_entry(entry, today)
        except LedgerError as error:
            one.refuse(str(error), error.field)


def _refuse_without_rate(judged: Sequence[Judged], portfolio: Portfolio) -> None:
    """Of rows in another currency those whose day knows no way to the base currency, and that bring no rate."""
    base = portfolio.base_currency
    foreign = [(one, entry) for one, entry in _new(judged) if entry.currency != base and entry.rate is None]
    if not foreign:
        return
    pairs = needed_pairs({(entry.currency, base) for _, entry in foreign})
    observed = FxRate.objects.observed(pairs, {entry.traded_on for _, entry in foreign})
    for one, entry in foreign:
        try:
            conversion(entry.currency, base, entry.traded_on, observed[entry.traded_on])
        except NoRateError as error:
            one.refuse(str(error), "currency")


def _find_twins(judged: Sequence[Judged], portfolio: Portfolio) -> None:
    ledger = Transaction.objects.filter(account__portfolio=portfolio).order_by()
    stored = ledger.values_list(*SAME, "currency", "external_id").iterator(chunk_size=10_000)
    known = [Sameness(content, reference) for *content_list, reference in stored for content in [tuple(content_list)]]
    rows = _new(judged)
    twins = twins_among([_sameness(entry) for _, entry in rows], known)
    for (one, _), is_twin in zip(rows, twins, strict=True):
        if is_twin:
            one.status = Status.TWIN


def _sameness(entry: Transaction) -> Sameness:
    kind = str(entry.kind)
    content = tuple(kind if name == "kind" else getattr(entry, name) for name in SAME)
    return Sameness((*content, entry.currency), entry.external_id)


def _refuse_oversells(judged: Sequence[Judged], portfolio: Portfolio) -> None:
    rows = {entry.pk: (one, entry) for one, entry in _new(judged)}
    moved = {entry.instrument_id for _, entry in rows.values() if entry.instrument_id and entry.is_outflow}
    if not moved:
        return
    own = own_splits(portfolio)
    for _, entry in rows.values():
        if entry.kind == Kind.SPLIT and entry.instrument_id and entry.numerator and entry.denominator:
            own.setdefault(entry.instrument_id, []).append(Split(entry.traded_on, entry.numerator, entry.denominator))
    news = [entry.as_row() for _, entry in rows.values() if entry.instrument_id in moved]
    known = dict[Hashable, Sequence[Split]](splits_of(moved, own).items())
    found = oversells(news, rows_of(portfolio, instruments=moved), known)
    for key, oversell in found.items():
        one, entry = rows[key]  # type: ignore[index]
        held = f"{float(oversell.held):,.10f}".rstrip("0").rstrip(".")
        one.refuse(f"More than is held: {held} on {entry.traded_on.isoformat()}.", "quantity")
