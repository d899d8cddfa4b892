"""Trails of the money-weighted return: all flows with their days, and the rate at which they balance."""

import math
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from apps.portfolio.lots import ONE, ZERO
from apps.portfolio.performance import YEAR, flows_of
from apps.portfolio.performance import money_weighted as found_by
from apps.portfolio.trail.returns import Span, day_of, flow_of, minus, value_of
from apps.portfolio.trail.tree import RATIO, SHARE, Kind, Op, Source, Step, constant, given, step

NAME = "Money-weighted return, per year"
XIRR = "XIRR, actual/365: the yearly rate at which all flows are worth nothing on the first of their days."
LOST = "Everything paid in was lost: nothing is left of it."
DIETZ = (
    "No rate balances the flows. Modified Dietz: gain over the capital, each flow by its share of the time, per year."
)


def money_weighted(span: Span) -> Step | None:
    """Flows are negative for what was paid; None where no rate is found and no capital is there to measure by."""
    found = found_by(flows_of(span.days))
    if found.value is None:
        return None
    flows = _flows(span)
    if not any(flow.value > 0 for flow in flows):
        paid = step("Paid in", Op.MINUS, [step("Flows", Op.SUM, flows, span.base)], span.base)
        return step(NAME, Op.GROWTH, [constant("Got back", ZERO, span.base), paid], SHARE, LOST)
    return step(NAME, Op.XIRR, flows, SHARE, XIRR) if found.method == "XIRR" else _dietz(flows, span)


def net_present_value(found: Step) -> float:
    """What the flows of an XIRR are worth at its rate: the residual of its solver."""
    dated = [(day_of(part), float(part.value)) for part in found.parts]
    first = min(on for on, _ in dated)
    return math.fsum(amount / math.pow(1 + float(found.value), (on - first).days / YEAR) for on, amount in dated)


def _flows(span: Span) -> list[Step]:
    days = span.days
    between = [flow_of(before, day, span) for before, day in pairwise(days) if day.outflow - day.inflow]
    ends = [minus(value_of(days[0], span.base)), *between, value_of(days[-1], span.base)]
    return [flow for flow in ends if flow.value]


def _dietz(flows: Sequence[Step], span: Span) -> Step:
    opened, closed = day_of(flows[0]), day_of(flows[-1])
    length = given("Days", (closed - opened).days, "days", Source(Kind.CONSTANT))
    capital = [minus(flows[0]), *(_weighed(flow, closed, length, span.base) for flow in flows[1:-1])]
    gain, basis = step("Gain", Op.SUM, flows, span.base), step("Capital", Op.SUM, capital, span.base)
    grown = step(
        "What one became", Op.SUM, [constant("One", ONE), step("Return", Op.OVER, [gain, basis], SHARE)], RATIO
    )
    years = step("365 over days", Op.OVER, [constant("Days of a year", YEAR), length], RATIO)
    power = step("What one becomes in a year", Op.POWER, [grown, years], RATIO)
    return step(NAME, Op.LESS, [power, constant("One", ONE)], SHARE, DIETZ)


def _weighed(flow: Step, closed: date, length: Step, base: str) -> Step:
    left = given("Days left", (closed - day_of(flow)).days, "days", Source(Kind.CONSTANT))
    share = step("Share of the time", Op.OVER, [left, length], RATIO)
    return step(flow.name, Op.TIMES, [minus(flow), share], base)
