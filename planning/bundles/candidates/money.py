"""Money of bundles: fee income against the cost of serving (收支测算), whole yuan a year.

Per estate, with ``A`` floor area in m², ``f`` fee in yuan per m² and month, ``q`` share of the fees collected (收缴率) and
``H`` households, ``L`` lifts:

- income = A × f × 12 × q
- running = H × per_household + L × per_lift + posts_per_estate × per_post

and for a bundle once: fixed = per_point + posts_per_point × per_post. Nothing is guessed: an estate without fee or floor
area has no income. A collection rate that the register lacks is the assumed one of the cost table; lifts that it lacks
count as none. Income is rounded down and costs are rounded up to whole yuan for each estate, so that sums of whole numbers
are what is shown, what decides, and never better than the register allows.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning.bundles.settings import Costs
from planning.bundles.types import Money

MONTHS: Final = 12
_SLACK: Final = 1e-6
"""Yuan by which a product may miss a whole number because of binary fractions."""


def income_yuan(rows: pd.DataFrame, costs: Costs) -> pd.Series:
    """Fees that come in, yuan a year, rounded down; empty where fee or floor area is unknown.

    Parameters
    ----------
    rows
        Rows of ``ESTATES``: ``floor_area_m2`` (m²), ``fee_yuan_m2`` (yuan per m² and month), ``fee_rate`` (0–1).

    Returns
    -------
    Series
        ``Int64``, index as given.
    """
    area, fee, rate = (rows[name].to_numpy(dtype=float) for name in ("floor_area_m2", "fee_yuan_m2", "fee_rate"))
    rate = np.where(np.isnan(rate), costs.collection_rate, rate)
    return _whole(np.floor(area * fee * MONTHS * rate + _SLACK), rows.index)


def running_yuan(rows: pd.DataFrame, costs: Costs) -> pd.Series:
    """What serving the estates costs besides the service point, yuan a year, rounded up; empty without households.

    Parameters
    ----------
    rows
        Rows of ``ESTATES``: ``households``, ``n_lifts`` (unknown: none).

    Returns
    -------
    Series
        ``Int64``, index as given.
    """
    households = rows["households"].to_numpy(dtype=float, na_value=np.nan)
    lifts = np.nan_to_num(rows["n_lifts"].to_numpy(dtype=float, na_value=np.nan))
    each = households * costs.per_household + lifts * costs.per_lift + costs.posts_per_estate * costs.per_post
    return _whole(np.ceil(each - _SLACK), rows.index)


def fixed_yuan(costs: Costs) -> int:
    """Cost of a service point with its posts, yuan a year, rounded up: the least margin of members that carries it."""
    return math.ceil(costs.fixed - _SLACK)


def money_columns(rows: pd.DataFrame, costs: Costs | None) -> pd.DataFrame:
    """``income_yuan``, ``running_yuan`` and ``margin_yuan`` (income less running), ``Int64``; all empty without costs."""
    if costs is None:
        unknown = pd.Series(pd.NA, index=rows.index, dtype="Int64")
        return pd.DataFrame(dict.fromkeys(("income_yuan", "running_yuan", "margin_yuan"), unknown))
    income, running = income_yuan(rows, costs), running_yuan(rows, costs)
    return pd.DataFrame({"income_yuan": income, "running_yuan": running, "margin_yuan": income - running})


def money_of(rows: pd.DataFrame, costs: Costs | None) -> Money | None:
    """Money of the estates as one bundle; ``None`` without costs, or where fee, floor area or households of any are unknown.

    Parameters
    ----------
    rows
        The members to be served anew (not an anchor): rows of ``ESTATES``, or of ``Candidates.frame``, whose money columns
        are then taken as they are.
    """
    if costs is None:
        return None
    columns = rows if "margin_yuan" in rows.columns else money_columns(rows, costs)
    income, running = columns["income_yuan"], columns["running_yuan"]
    if income.isna().any() or running.isna().any():
        return None
    return Money(int(income.sum()), int(running.sum()), fixed_yuan(costs))


def _whole(amounts: NDArray[np.float64], index: pd.Index) -> pd.Series:
    return pd.Series(amounts, index=index).astype("Int64")
