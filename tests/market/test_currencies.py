"""Ways from one currency to another; expected rates are worked out by hand from the observations in each test."""

from datetime import date
from decimal import Decimal
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.market.currencies import MAJORS, NoRateError, Observation, conversion, major_unit, needed_pairs

DAY, EARLIER = date(2013, 3, 1), date(2013, 2, 28)


def observed(**rates: float | tuple[float, date]) -> dict[tuple[str, str], Observation]:
    """EURUSD=1.3 was observed on the day, EURUSD=(1.3, EARLIER) before."""
    found = {}
    for pair, told in rates.items():
        rate, on = told if isinstance(told, tuple) else (told, DAY)
        found[pair[:3], pair[3:]] = Observation(on, rate, "test")
    return found


def ways(base: str, quote: str, **rates: float | tuple[float, date]) -> list[str]:
    return [f"{hop.base}{hop.quote}" for hop in conversion(base, quote, DAY, observed(**rates)).hops]


def test_a_currency_is_itself() -> None:
    found = conversion("EUR", "EUR", DAY, {})
    assert (found.rate, found.hops, found.oldest(DAY)) == (Decimal(1), (), DAY)


def test_the_direct_pair_is_taken_as_it_is_written() -> None:
    assert conversion("EUR", "USD", DAY, observed(EURUSD=1.3057, EURGBP=0.9, GBPUSD=9.9)).rate == Decimal("1.3057")


def test_an_earlier_direct_rate_beats_a_way_of_today() -> None:
    found = conversion("EUR", "USD", DAY, observed(EURUSD=(1.31, EARLIER), EURGBP=0.9, GBPUSD=1.5))
    assert (found.rate, found.oldest(DAY)) == (Decimal("1.31"), EARLIER)


def test_a_pair_is_turned_round() -> None:
    assert conversion("USD", "EUR", DAY, observed(EURUSD=1.25)).rate == Decimal("0.8")


def test_of_a_pair_and_its_turn_the_later_counts() -> None:
    assert conversion("USD", "EUR", DAY, observed(USDEUR=(0.5, EARLIER), EURUSD=1.25)).rate == Decimal("0.8")
    assert conversion("USD", "EUR", DAY, observed(USDEUR=0.5, EURUSD=1.25)).rate == Decimal("0.5")


def test_the_fewest_majors_lie_between() -> None:
    """10 NOK a euro and 8 SEK a euro: 1 NOK is 0.1 x 8 = 0.8 SEK."""
    rates = {"NOKEUR": 0.1, "EURSEK": 8.0, "NOKUSD": 0.17, "USDGBP": 0.6, "GBPSEK": 9.7}
    assert ways("NOK", "SEK", **rates) == ["NOKEUR", "EURSEK"]
    assert conversion("NOK", "SEK", DAY, observed(**rates)).rate == Decimal("0.8")


def test_of_equally_long_ways_the_freshest_is_taken() -> None:
    found = ways("NOK", "SEK", NOKUSD=(0.17, EARLIER), USDSEK=6.4, NOKEUR=0.13, EURSEK=8.4)
    assert found == ["NOKEUR", "EURSEK"]


def test_what_is_no_major_leads_nowhere() -> None:
    with pytest.raises(NoRateError, match=r"No rate leads from NOK to SEK on 1 Mar 2013 or before."):
        conversion("NOK", "SEK", DAY, observed(NOKDKK=0.99, DKKSEK=1.13))


def test_pence_are_a_hundredth_of_a_pound() -> None:
    found = conversion("GBp", "USD", DAY, observed(GBPUSD=1.5))
    assert found.rate == Decimal("0.015")
    assert [hop.source for hop in found.hops] == ["minor unit", "test"]
    assert conversion("USD", "ZAc", DAY, observed(USDZAR=9.0)).rate == Decimal(900)
    assert conversion("GBp", "GBP", DAY, {}).rate == Decimal("0.01")


def test_a_minor_unit_names_its_currency() -> None:
    assert [major_unit(code) for code in ("GBp", "ZAc", "GBP", "USD")] == ["GBP", "ZAR", "GBP", "USD"]


def test_needed_are_the_pair_and_the_majors() -> None:
    found = needed_pairs([("GBp", "NOK")])
    assert {("GBP", "NOK"), ("NOK", "GBP"), ("USD", "NOK"), ("USD", "EUR")} <= found
    assert not any("GBp" in pair for pair in found)


RATES = st.dictionaries(
    st.tuples(st.sampled_from([*MAJORS, "NOK", "SEK"]), st.sampled_from([*MAJORS, "NOK", "SEK"])),
    st.builds(Observation, st.dates(), st.floats(0.001, 1000), st.just("test")),
)


@given(RATES)
def test_the_way_back_is_as_long_and_the_trail_makes_the_rate(known: dict[tuple[str, str], Observation]) -> None:
    try:
        there = conversion("NOK", "SEK", DAY, known)
    except NoRateError:
        with pytest.raises(NoRateError):
            conversion("SEK", "NOK", DAY, known)
        return
    assert len(conversion("SEK", "NOK", DAY, known).hops) == len(there.hops)
    assert float(there.rate) == pytest.approx(prod(float(hop.rate) for hop in there.hops))
