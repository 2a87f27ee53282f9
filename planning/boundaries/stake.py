"""What is at stake (轻重): the order in which a person should look at boundaries."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOUSEHOLDS_A_HECTARE: Final = 120.0
"""Where the register gives an area and no households (assumed: six storeys, 1.2 plot ratio, 100 m² a home)."""
_UNKNOWN_HOUSEHOLDS: Final = 100.0
"""Where it gives neither (assumed)."""
_NO_WORDS: Final = 0.5
"""Doubt about an estate without a measured confidence (assumed)."""


def at_stake(estates: pd.DataFrame, confidence: pd.Series) -> pd.Series:
    """Households times doubt: how many homes are probably on the wrong ground until somebody has looked.

    Parameters
    ----------
    estates
        Checked ``ESTATES`` frame; ``households``, ``land_area_m2``.
    confidence
        By estate id; missing or NaN: 0.5. An estate that is accepted has the doubt that is left.

    Returns
    -------
    Series
        Of households, index as ``estates``.
    """
    doubt = 1.0 - confidence.reindex(estates.index).astype("float64").fillna(_NO_WORDS).clip(0.0, 1.0)
    return (homes(estates) * doubt).rename("at_stake")


def homes(estates: pd.DataFrame) -> pd.Series:
    """Households of each estate, from its area where the register gives none."""
    known: NDArray[np.float64] = estates["households"].to_numpy(dtype=np.float64, na_value=np.nan)
    area: NDArray[np.float64] = estates["land_area_m2"].to_numpy(dtype=np.float64, na_value=np.nan)
    guess = np.where(np.isnan(area), _UNKNOWN_HOUSEHOLDS, area / 1e4 * HOUSEHOLDS_A_HECTARE)
    return pd.Series(np.where(np.isnan(known), guess, known), index=estates.index)
