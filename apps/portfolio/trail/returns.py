"""Trails of a period: returns, what led from the value at its start to that at its end, each instrument's part."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from apps.portfolio.lots import ONE
from apps.portfolio.performance import YEAR, linked_return, returns_of
from apps.portfolio.replay import Day
from apps.portfolio.splits import Split
from apps.portfolio.trail.rows import split_up
from apps.portfolio.trail.tree import RATIO, SHARE, Kind, Op, Source, Step, constant, given, step

TWR = "Daily returns (value + out) / (value before + in) - 1, linked: what came and went does not count."
WORDS = {
    "inflow": "Came in",
    "outflow": "Went out",
    "price": "Moved by prices",
    "income": "Income",
    "fx": "Moved by currencies",
    "fees": "Fees",
    "taxes": "Taxes",
}
PARTS = {
    "flows": ("What came in without what went out", ("inflow", "outflow")),
    "price": ("Prices", ("price",)),
    "income": ("Income", ("income",)),
    "fx": ("Currencies", ("fx",)),
    "fees": ("Fees", ("fees",)),
    "taxes": ("Taxes", ("taxes",)),
}
COSTS = frozenset({"fees", "taxes"})


@dataclass(frozen=True, slots=True)
class Span:
    """Replayed days of a period in base currency, the opening day first."""

    days: Sequence[Day]
    base: str
    before_taxes: bool = False

    @property
    def query(self) -> str:
        """What an address of one of its days goes on to say."""
        return "&taxes=before" if self.before_taxes else ""


def time_weighted(span: Span) -> Step | None:
    """None where there is nothing before the period."""
    if len(span.days) < 2:
        return None
    return step("Time-weighted return", Op.LINK, daily(span), SHARE, TWR)


def month(span: Span, first: date) -> Step | None:
    """Of the days of one month; None where the period has none."""
    parts = [part for part in daily(span) if day_of(part).replace(day=1) == first]
    return step(f"Return of {first:%B %Y}", Op.LINK, parts, SHARE, TWR) if parts else None


def daily(span: Span) -> list[Step]:
    """The return of each day but the first."""
    return [_return(before, day, span) for before, day in pairwise(span.days)]


def yearly(span: Span) -> Step | None:
    """Per year; None under one year, or where the power is none."""
    whole = time_weighted(span)
    length = (span.days[-1].on - span.days[0].on).days if span.days else 0
    if whole is None or length < YEAR:
        return None
    days = given("Days of the period", length, "days", Source(Kind.CONSTANT))
    years = step("365 over days", Op.OVER, [constant("Days of a year", YEAR), days], RATIO)
    grown = step("What one became", Op.SUM, [constant("One", ONE), whole], RATIO)
    power = step("What one becomes in a year", Op.POWER, [grown, years], RATIO)
    return step(
        "Return per year", Op.LESS, [power, constant("One", ONE)], SHARE, "(1 + R) to the power of 365 / days - 1."
    )


def bridge(span: Span, name: str) -> Step | None:
    """One line of the bridge: `start`, `end`, or a key of PARTS; costs are negative. None without days."""
    if not span.days:
        return None
    if name in {"start", "end"}:
        whole = value_of(span.days[0 if name == "start" else -1], span.base)
        return step(f"Value at the {name}", Op.SUM, [whole], span.base, "What everything held was worth at the close.")
    words, columns = PARTS[name]
    parts = [
        minus(moved) if name in COSTS or column == "outflow" else moved
        for before, day in pairwise(span.days)
        for column in columns
        if (moved := _moved(before, day, column, span)).value
    ]
    return step(words, Op.SUM, parts, span.base, f"{words}: each day's, in base currency.")


def contribution(span: Span, key: Hashable, name: str) -> Step:
    """A day's gain over that day's capital, times what one had become by then; the parts sum to the linked return."""
    parts = [
        _part(before, day, span, key)
        for before, day in pairwise(span.days)
        if before.value + day.inflow and day.gains.get(key)
    ]
    words = "Each day's gain over that day's capital, times what one had become by then."
    return step(f"Part of {name}", Op.SUM, parts, SHARE, words)


def group(name: str, parts: Sequence[tuple[str, float, str]]) -> Step:
    """The parts of the members of a group, each with the figure of its own trail."""
    lines = [given(f"Part of {one}", part, SHARE, Source(Kind.FIGURE, figure=figure)) for one, part, figure in parts]
    return step(f"Part of {name}", Op.SUM, lines, SHARE, "Sum of the parts of its members.")


def compounded(name: str, parts: Sequence[Step]) -> Step:
    """Returns of sessions linked, as those of a benchmark."""
    words = "Return of its closes over the same sessions, linked; dividends are not counted."
    return step(name, Op.LINK, parts, SHARE, words)


def price_return(
    before: Step, after: Step, begun: date, on: date, splits: Sequence[Split], rates: tuple[Step | None, Step | None]
) -> Step:
    """What a price made of one in base currency between two days, splits counted."""
    new = split_up(after, begun, splits, after.name)
    first, last = (
        step(part.name, Op.TIMES, [part, rate], RATIO) if rate else part
        for part, rate in ((before, rates[0]), (new, rates[1]))
    )
    return step(f"Return of {on:%-d %b %Y}", Op.GROWTH, [last, first], SHARE, on=on)


def relative(ours: Step, theirs: Step) -> Step:
    """(1 + ours) / (1 + benchmark) - 1."""
    grown = [
        step(f"One with {part.name.lower()}", Op.SUM, [constant("One", ONE), part], RATIO) for part in (ours, theirs)
    ]
    return step("Against the benchmark", Op.GROWTH, grown, SHARE, "(1 + ours) / (1 + benchmark) - 1.")


def _return(before: Day, day: Day, span: Span) -> Step:
    name = f"Return of {day.on:%-d %b %Y}"
    if not before.value + day.inflow:
        return given(name, 0.0, SHARE, Source(Kind.CONSTANT, day.on, words="there was no capital to measure by"))
    end = value_of(day, span.base)
    if day.outflow:
        end = step("Value and what went out", Op.SUM, [end, _moved(before, day, "outflow", span)], span.base)
    return step(name, Op.GROWTH, [end, _capital(before, day, span)], SHARE, on=day.on)


def _capital(before: Day, day: Day, span: Span) -> Step:
    start = value_of(before, span.base)
    if not day.inflow:
        return start
    return step("Value before and what came in", Op.SUM, [start, _moved(before, day, "inflow", span)], span.base)


def value_of(day: Day, base: str) -> Step:
    source = Source(Kind.FIGURE, day.on, figure=f"value-on/?on={day.on.isoformat()}")
    return given(f"Value on {day.on:%-d %b %Y}", day.value, base, source)


def _moved(before: Day, day: Day, part: str, span: Span) -> Step:
    source = Source(Kind.FIGURE, day.on, figure=figure_of(before, day, part, span))
    return given(f"{WORDS[part]}, {day.on:%-d %b %Y}", getattr(day, part), span.base, source)


def figure_of(before: Day, day: Day, part: str, span: Span) -> str:
    """The trail of what moved the value on a day, since the day before it in the period."""
    return f"moved-on/?on={day.on.isoformat()}&after={before.on.isoformat()}&part={part}{span.query}"


def minus(part: Step) -> Step:
    return step(part.name, Op.MINUS, [part], part.unit, on=day_of(part))


def flow_of(before: Day, day: Day, span: Span) -> Step:
    """Positive for what an investor got."""
    went, came = _moved(before, day, "outflow", span), _moved(before, day, "inflow", span)
    if not day.inflow:
        return went
    return (
        step(f"Flow of {day.on:%-d %b %Y}", Op.LESS, [went, came], span.base, on=day.on) if day.outflow else minus(came)
    )


def _part(before: Day, day: Day, span: Span, key: Hashable) -> Step:
    figure = f"{figure_of(before, day, 'gain', span)}&of={'cash' if key is None else key}"
    won = given("Gain of the day", day.gains[key], span.base, Source(Kind.FIGURE, day.on, figure=figure))
    share = step("Gain over capital", Op.OVER, [won, _capital(before, day, span)], SHARE)
    return step(f"{day.on:%-d %b %Y}", Op.TIMES, [_grown(span, before), share], SHARE, on=day.on)


def _grown(span: Span, until: Day) -> Step:
    """What one had become at the close of that day."""
    known = [day for day in span.days if day.on <= until.on]
    if until.on == span.days[0].on:
        return constant("What one had become", ONE)
    figure = f"twr/?period=custom&from={span.days[0].on.isoformat()}&to={until.on.isoformat()}{span.query}"
    source = Source(Kind.FIGURE, until.on, figure=figure)
    linked = given("Return until then", linked_return(returns_of(known)), SHARE, source)
    return step("What one had become", Op.SUM, [constant("One", ONE), linked], RATIO)


def day_of(part: Step) -> date:
    if part.source is None or part.source.on is None:
        raise ValueError(f"{part.name} has no day")
    return part.source.on
