"""What is wrong with one cell, before the place is known."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """Problem and remedy (Chinese sentences), as :class:`geo.errors.Fault` wants them."""

    text: str
    remedy: str
