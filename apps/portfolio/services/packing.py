"""Replayed days and standings in the form in which they are stored, and back; nothing is lost on the way."""

import struct
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from apps.portfolio.models import Portfolio, Snapshot
from apps.portfolio.replay import Day, Standing

MONEY = ("value", "inflow", "outflow", "price", "fx", "income", "fees", "taxes")
COLUMNS = ("on", *MONEY, "is_session", "is_held", "gains", "estimated")
GAIN = struct.Struct("<qd")
CASH = 0  # no instrument has this key


def as_snapshot(portfolio: Portfolio, day: Day, standing: Standing | None) -> Snapshot:
    """The row of a replayed day."""
    return Snapshot(
        portfolio=portfolio,
        on=day.on,
        **{name: getattr(day, name) for name in MONEY},
        is_session=day.is_session,
        is_held=day.is_held,
        gains=_packed(day.gains),
        estimated=sorted(map(str, day.estimated)),
        standing=as_json(standing) if standing else None,
    )


def as_day(row: Sequence[Any]) -> Day:
    """The day of a row's COLUMNS; gains are floats of the same value."""
    *plain, gains, estimated = row
    day = Day(**dict(zip(COLUMNS, plain, strict=False)))
    day.gains = {key or None: Decimal(gain) for key, gain in GAIN.iter_unpack(gains)}
    day.estimated = set(map(int, estimated))
    return day


def as_json(standing: Standing) -> dict[str, Any]:
    """Numbers as text, so that no digit is lost."""
    held = {
        str(key): [str(units), None if price is None else str(price), is_observed]
        for key, (units, price, is_observed) in sorted(standing.held.items(), key=lambda pair: str(pair[0]))
    }
    return {
        "on": standing.on.isoformat(),
        "held": held,
        "cash": {key: str(sum_) for key, sum_ in standing.cash.items()},
    }


def as_standing(said: Mapping[str, Any]) -> Standing:
    """What a walk goes on from."""
    held: dict[Hashable, tuple[Decimal, Decimal | None, bool]] = {
        int(key): (Decimal(units), None if price is None else Decimal(price), is_observed)
        for key, (units, price, is_observed) in said["held"].items()
    }
    return Standing(
        date.fromisoformat(said["on"]), held, {key: Decimal(amount) for key, amount in said["cash"].items()}
    )


def _packed(gains: Mapping[Hashable, Decimal]) -> bytes:
    """By key, those that are not nothing."""
    told = sorted((key if isinstance(key, int) else CASH, float(gain)) for key, gain in gains.items() if gain)
    return b"".join(GAIN.pack(key, gain) for key, gain in told)
