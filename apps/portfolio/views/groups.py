"""By what a book can be grouped, and the names that an instrument has there."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from apps.market.models import Instrument
from apps.portfolio.allocation import UNKNOWN, Group, Share, grouped

CASH = "Cash"


class By(StrEnum):
    """What the picker of groups offers."""

    INSTRUMENT = "instrument"
    SECTOR = "sector"
    COUNTRY = "country"
    CURRENCY = "currency"
    ASSET_CLASS = "class"

    @property
    def label(self) -> str:
        """As a tab."""
        return "Asset class" if self is By.ASSET_CLASS else self.value.capitalize()


_NAMES: Mapping[By, Callable[[Instrument], str]] = {
    By.INSTRUMENT: lambda instrument: instrument.symbol,
    By.SECTOR: lambda instrument: instrument.sector,
    By.COUNTRY: lambda instrument: instrument.country,
    By.CURRENCY: lambda instrument: instrument.currency,
    By.ASSET_CLASS: lambda instrument: instrument.get_asset_class_display(),
}


def asked_group(name: str, usual: By = By.SECTOR) -> By:
    """The grouping that an address asks for; any other is the usual one."""
    return By(name) if name in set(By) else usual


def groups_of(shares: Sequence[tuple[Share, Instrument | None]], by: By, base_currency: str) -> list[Group]:
    """Shares (None: cash, which has no sector and no country) under the names of their instruments."""
    return grouped((share, _names(instrument, by, base_currency)) for share, instrument in shares)


def belongs_to(by: By, name: str, base_currency: str) -> Callable[[Instrument | None], bool]:
    """Whether an instrument (None: cash) stands under that name."""
    return lambda instrument: name in (_names(instrument, by, base_currency) or [UNKNOWN])


def _names(instrument: Instrument | None, by: By, base_currency: str) -> list[str]:
    if instrument is None:
        return [base_currency if by is By.CURRENCY else CASH]
    return [name] if (name := _NAMES[by](instrument)) else []
