"""Where a rule comes from (依据), and numbers that carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Filter = Mapping[str, tuple[object, ...]]
"""Estate column → accepted values. All columns must match; an empty filter accepts every estate.

Columns are those of ``data.schemas.ESTATES`` and of ``data.profile.DERIVED_COLUMNS``; an empty cell matches nothing.
"""


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule comes from (依据): rule id, exact quote, document number.

    ``assumed`` where the paper gives no number, or where the rule was taken over from another city's paper. The quote
    is then the sentence that the assumption makes concrete, and ``note`` says what was assumed.
    """

    rule: str
    document: str
    quote: str = ""
    assumed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of the city with its basis."""

    value: float
    unit: str
    basis: Basis
