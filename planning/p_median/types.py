"""What the function gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PMedian:
    """Medians, who serves each point, what it costs, and how far from the best it can be.

    Attributes
    ----------
    medians
        (p,) row numbers of the medians, ascending.
    assignment
        (n,) the median (as row number) that serves each point.
    cost
        Sum of what each point costs at its median, in the unit of the distances (times weight if weighted).
    bound
        No valid answer costs less, by proof.
    proven
        ``cost`` is the least possible one (up to rounding, a millionth of it).
    loads
        (p,) weight that each median serves, in the order of ``medians``.
    """

    medians: NDArray[np.int64]
    assignment: NDArray[np.int64]
    cost: float
    bound: float
    proven: bool
    loads: NDArray[np.float64]

    @property
    def gap(self) -> float:
        """How much cheaper the best answer can be at most, as a share of the cost."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0
