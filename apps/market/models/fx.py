"""What currencies cost in each other, day by day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db import connection, models
from django.db.models import F, Q

from apps.market.currencies import Conversion, History, Observation, Pair, conversion, needed_pairs

# Of each pair the last observation on or before each day: one index seek for a pair and a day.
OBSERVED = """
SELECT d."on", p.base, p.quote, last."on", last.rate, last.source
FROM unnest(%s::date[]) AS d("on")
CROSS JOIN unnest(%s::text[], %s::text[]) AS p(base, quote)
CROSS JOIN LATERAL (SELECT "on", rate, source FROM market_fxrate
                    WHERE base = p.base AND quote = p.quote AND "on" <= d."on" ORDER BY "on" DESC LIMIT 1) last
"""


class FxRateQuerySet(models.QuerySet["FxRate"]):
    def observed(self, pairs: Iterable[Pair], days: Iterable[date]) -> dict[date, dict[Pair, Observation]]:
        """By day: each pair's last observation on or before it. One statement."""
        bases, quotes = zip(*sorted(pairs), strict=True)
        found: dict[date, dict[Pair, Observation]] = defaultdict(dict)
        with connection.cursor() as cursor:
            cursor.execute(OBSERVED, [sorted(set(days)), list(bases), list(quotes)])
            for day, base, quote, on, rate, source in cursor.fetchall():
                found[day][base, quote] = Observation(on, rate, source)
        return found

    def conversion(self, base: str, quote: str, on: date) -> Conversion:
        """From one currency to the other as known on that day. Raises NoRateError."""
        return conversion(base, quote, on, self.observed(needed_pairs([(base, quote)]), [on])[on])

    def conversions(self, pairs: Iterable[Pair], days: Iterable[date]) -> dict[tuple[Pair, date], Conversion]:
        """All of them at once, in one statement. Raises NoRateError for the first that cannot be made."""
        wanted, on = list(pairs), list(days)
        if not wanted or not on:
            return {}
        known = self.observed(needed_pairs(wanted), on)
        return {((base, quote), day): conversion(base, quote, day, known[day]) for base, quote in wanted for day in on}

    def history(self, pairs: Iterable[Pair], since: date, until: date) -> History:
        """What was observed between two days, and what was known on the first of them. Two statements."""
        wanted = sorted(pairs)
        found: History = {pair: [] for pair in wanted}
        for pair, known in self.observed(wanted, [since])[since].items():
            found[pair].append(known)
        bases, quotes = {base for base, _ in wanted}, {quote for _, quote in wanted}
        later = self.filter(base__in=bases, quote__in=quotes, on__gt=since, on__lte=until).order_by("on")
        for base, quote, on, rate, source in later.values_list("base", "quote", "on", "rate", "source"):
            if (base, quote) in found:
                found[base, quote].append(Observation(on, rate, source))
        return found

    def newest(self) -> Self:
        """The last observation of each pair."""
        return self.order_by("base", "quote", "-on").distinct("base", "quote")


class FxRate(models.Model):
    """What one unit of `base` cost in `quote` at the end of a day; minor units (GBp) have no rates of their own."""

    pk = models.CompositePrimaryKey("base", "quote", "on")
    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    on = models.DateField()
    rate = models.FloatField()
    source = models.CharField(max_length=40)

    objects = FxRateQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(rate__gt=0, rate__lt=float("inf")), name="fx_rate_is_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="fx_rate_of_two"),
            models.CheckConstraint(
                condition=Q(base__regex=r"^[A-Z]{3}$", quote__regex=r"^[A-Z]{3}$"), name="fx_rate_currency_is_iso"
            ),
        )

    def __str__(self) -> str:
        return f"{self.base}{self.quote} {self.on}"
