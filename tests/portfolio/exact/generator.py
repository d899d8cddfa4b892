"""Random ledgers that can be true: every kind, two portfolios, three currencies, splits on trade days, odd times."""

from collections.abc import Container
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

FIRST, LAST = date(2021, 1, 4), 100
CURRENCIES = {"A": "USD", "B": "EUR", "C": "SEK"}
RATIOS = ((2, 1), (3, 2), (1, 10), (7, 3))
PAYMENTS = ("deposit", "withdrawal", "interest", "fee", "tax", "exchange")
LEAVES = {"sell", "delivery_out", "transfer"}
KINDS = ("buy", "buy", "sell", "dividend", "delivery_in", "delivery_out", "transfer", *PAYMENTS)


class Ledger:
    """One random document, made day by day so that no more goes out than is held."""

    def __init__(self, seed: int, rows: int, without: Container[str]) -> None:
        self.chance = Random(seed)
        self.kinds = [kind for kind in KINDS if kind not in without]
        self.rows: list[dict[str, Any]] = []
        self.held: dict[tuple[str, str], Decimal] = {(who, name): Decimal(0) for who in "PQ" for name in CURRENCIES}
        self.splits = [] if "split" in without else self._splits()
        days = sorted(self.chance.randrange(LAST) for _ in range(rows))
        # A split's day is a day of trading as often as not.
        days = sorted(self.chance.choice([day, *(on for _, on, _ in self.splits)]) for day in days)
        self._fund(days[0])
        seen = -1
        for place, day in enumerate(days):
            self._grow(seen, day)
            self._row(day, place, is_last=day not in days[place + 1 :])
            seen = day

    def document(self) -> dict[str, Any]:
        """What `make evaluate-ledger` reads."""
        chance = self.chance
        period = {"end": on(LAST + 5)} | ({"start": on(chance.randrange(60))} if chance.random() < 0.4 else {})
        own = [row for row in self.splits if row[0] != "C"]
        free = {"risk_free_rate": 0.02} if chance.random() < 0.3 else {}
        return {
            "base_currency": "EUR",
            "transactions": self.rows + [_user_split(split) for split in self.splits if split[0] == "C"],
            "instruments": {name: {"currency": currency} for name, currency in (CURRENCIES | {"I": "USD"}).items()},
            "prices": {name: self._closes(0.15 if name == "I" else 0.5) for name in (*CURRENCIES, "I")},
            "fx_rates": self._rates(),
            "splits": [{"instrument": name, "date": on(day), "numerator": up, "denominator": down}
                       for name, day, (up, down) in own],
            "options": {
                "period": period, "cost_method": chance.choice(["fifo", "average"]), "cash": chance.random() < 0.7,
                "before_taxes": chance.random() < 0.3, "benchmark": "I", "portfolio": chance.choice("PPQ"),
                "days": True, **free,
            },
        }  # fmt: skip

    def _fund(self, day: int) -> None:
        for who in "PQ":
            paid = {"date": on(day), "time": "00:01", "kind": "deposit", "portfolio": who}
            self.rows.append(paid | {"id": f"{who}0", "amount": "90000", "currency": "EUR"})

    def _splits(self) -> list[tuple[str, int, tuple[int, int]]]:
        chance = self.chance
        return [
            (name, chance.randrange(5, LAST), chance.choice(RATIOS)) for name in CURRENCIES if chance.random() < 0.5
        ]

    def _grow(self, seen: int, day: int) -> None:
        for name, at, (up, down) in self.splits:
            if seen < at <= day:
                for who in "PQ":
                    self.held[who, name] = self.held[who, name] * up / down

    def _row(self, day: int, place: int, *, is_last: bool) -> None:
        chance = self.chance
        kind, who, name = chance.choice(self.kinds), chance.choice("PQ"), chance.choice(list(CURRENCIES))
        # Times only grow within a day, and what goes out without one goes last: nothing is sold before it came.
        is_timed = chance.random() < 0.8 or (kind in LEAVES and not is_last)
        time = {"time": f"{10 + place // 4:02}:{place % 4 * 15:02}"} if is_timed else {}
        said = {"id": f"r{place}", "date": on(day), **time, "kind": kind, "portfolio": who}
        if kind == "exchange":
            self._exchange(said)
        elif kind in PAYMENTS:
            self.rows.append(said | self._money(("EUR", "USD", "SEK")[chance.randrange(3)], "amount", 1, 400))
        elif kind == "dividend":
            own = {"instrument": name, **self._costs(), **self._money(CURRENCIES[name], "amount", 20, 90)}
            self.rows.append(said | own)
        else:
            self._units(said, who, name)

    def _units(self, said: dict[str, Any], who: str, name: str) -> None:
        kind, have = said["kind"], self.held[who, name].quantize(Decimal("0.001"), "ROUND_DOWN")
        if kind in LEAVES and have < 1:
            said["kind"] = kind = self.chance.choice(["buy", "opening"])
        quantity = Decimal(self.chance.randrange(1000, 40_000)) / 1000
        own = said | {"instrument": name, **self._money(CURRENCIES[name], "price", 5, 90)}
        if kind in {"buy", "delivery_in", "opening"}:
            self.held[who, name] += quantity
            costs = self._costs() if kind == "buy" else {}
            self.rows.append(own | costs | {"quantity": str(quantity)})
            return
        quantity = self.chance.choice([have, min(quantity, have)])
        own |= {"quantity": str(quantity)}
        self.held[who, name] -= quantity
        if kind == "transfer":
            self._send(own, who, name, quantity)
        else:
            self.rows.append(own | (self._costs() if kind == "sell" else {}))

    def _send(self, own: dict[str, Any], who: str, name: str, quantity: Decimal) -> None:
        other = "Q" if who == "P" else "P"
        self.held[other, name] += quantity
        both = own | {"transfer": own["id"]}
        self.rows.append(both | {"kind": "transfer_out"})
        self.rows.append(both | {"kind": "transfer_in", "portfolio": other, "id": own["id"] + "in"})

    def _exchange(self, said: dict[str, Any]) -> None:
        both = said | {"transfer": said["id"]}
        self.rows.append(both | {"kind": "transfer_out", **self._money("EUR", "amount", 1, 300)})
        given = self._money(self.chance.choice(["USD", "SEK"]), "amount", 1, 300)
        self.rows.append(both | {"kind": "transfer_in", "id": said["id"] + "in", **given})

    def _money(self, currency: str, key: str, least: int, most: int) -> dict[str, Any]:
        said = {key: str(self._cents(least, most)), "currency": currency}
        if currency != "EUR" and self.chance.random() < 0.3:
            said["rate"] = str(round(self.chance.uniform(0.7, 1.1), 4))
        return said

    def _costs(self) -> dict[str, str]:
        return {"fee": str(self._cents(0, 5)), "tax": str(self._cents(0, 5))}

    def _cents(self, least: int, most: int) -> Decimal:
        return Decimal(self.chance.randrange(least * 100, most * 100)) / 100

    def _closes(self, gaps: float) -> list[list[str]]:
        return [[on(day), str(self._cents(5, 90))] for day in range(-3, LAST + 6) if self.chance.random() > gaps]

    def _rates(self) -> list[dict[str, Any]]:
        """Euros in dollars, kronor in dollars only, and both through pounds, which are a hop more."""
        chance, rates = self.chance, []
        for base, quote in (("EUR", "USD"), ("USD", "SEK"), ("GBP", "SEK")):
            for day in (-9, *(day for day in range(LAST) if chance.random() < 0.3)):
                rate = round(chance.uniform(0.8, 1.3), 4)
                rates.append({"base": base, "quote": quote, "date": on(day), "rate": rate})
        return rates


def on(day: int) -> str:
    """A day of the ledgers as text."""
    return (FIRST + timedelta(days=day)).isoformat()


def random_ledger(seed: int, rows: int = 16, without: Container[str] = ()) -> dict[str, Any]:
    """The same document for the same seed, without some kinds of rows."""
    return Ledger(seed, rows, without).document()


def _user_split(split: tuple[str, int, tuple[int, int]]) -> dict[str, Any]:
    name, day, (up, down) = split
    own = {"id": f"s{name}", "date": on(day), "kind": "split", "instrument": name, "portfolio": "P"}
    return own | {"currency": CURRENCIES[name], "numerator": up, "denominator": down}
