"""From where on a difference is told: the geometric limits, and those between a register and the map."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.quality import Limits


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of a report. A figure at its limit passes. None of them is in a paper: they are assumed and can be changed."""

    limits: Limits = field(default_factory=Limits)
    land_share: float = 0.3
    """Difference of the boundary's area from the register's, as a share of the register's."""
    land_factor: float = 2.0
    """From this factor on the two cannot mean the same ground."""
    ratio_low: float = 0.1
    """Floor area per land area (容积率) below this: an area in 亩 or 公顷, or land of more than the estate."""
    ratio_high: float = 10.0
    """Above this: no residential building stands so dense; an area in 万平方米."""
    two_regions_share: float = 0.5
    """Share of a boundary inside another region from which the estate lies in both."""
    similar_m: float = 500.0
    """Names that differ in spelling only are told for estates within this distance."""
    twin_m: float = 300.0
    """Estates of one name in two streets nearer than this are rather one estate on the border."""
    whole_street: int = 5
    """Where all estates of a street lack the same thing and there are at least so many, it is said once for the street."""
