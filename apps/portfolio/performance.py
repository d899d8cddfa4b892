"""Time-weighted returns from daily values and flows; ratios as floats, 0.05 is 5 %."""

import math
from collections.abc import Iterable, Sequence


def daily_returns(values: Sequence[float], inflows: Sequence[float], outflows: Sequence[float]) -> list[float]:
    """`(end + out) / (start + in) - 1` of each day but the first; a day without capital returns 0.

    `values` are closing values, oldest first; flows are positive, in at the start of their day and out at
    its end. All three have one length, else ValueError. NaN in gives NaN out.
    """
    days = zip(values, values[1:], inflows[1:], outflows[1:], strict=False)
    if not len(values) == len(inflows) == len(outflows):
        raise ValueError("values and flows differ in length")
    return [(end + out) / (start + new) - 1 if start + new else 0.0 for start, end, new, out in days]


def linked_return(returns: Iterable[float]) -> float:
    """The return over all of them, compounded; 0 for none."""
    return math.prod(1 + value for value in returns) - 1


def wealth_index(returns: Iterable[float], base: float = 100.0) -> list[float]:
    """What `base` grows to after each return, itself first."""
    index = [base]
    for value in returns:
        index.append(index[-1] * (1 + value))
    return index


def yearly_return(total: float, days: int) -> float:
    """A total return per year, `(1 + R) ** (365 / days) - 1`; NaN for no days or a total loss beyond all."""
    if days <= 0 or total < -1:
        return math.nan
    return math.pow(1 + total, 365 / days) - 1
