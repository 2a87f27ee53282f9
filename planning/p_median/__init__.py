"""The capacitated p-median as a plain function: p medians among the points, each point served by one, loads limited."""

from planning.p_median.check import faults
from planning.p_median.solve import capacitated_p_median
from planning.p_median.types import PMedian

__all__ = ["PMedian", "capacitated_p_median", "faults"]
