"""The capacitated p-median as a plain function: p medians among the points, each point served by one, loads limited.

How it relates to the bundles (打捆): a bundle is a group around a medoid too, but bundles may leave estates out, have
lower limits and a radius, and count covered households first and distance second; here every point is served, there are
exactly p groups, only an upper capacity and no radius, and distance is all that counts. So the bundles' candidates,
limits and proofs of coverage have nothing to do here, and this package shares no code with them.

What runs, in order (``solve``):

1. ``lagrange`` – a lower bound from priced points and a knapsack at each candidate (that of column generation where
   weights are whole), and from its prices the medians worth trying;
2. ``build``, ``local``, ``wander`` – starts by regret, shifts, swaps and better centres, with overload allowed at a rising
   price, then a walk that closes a median and opens another; ``fit`` packs by CP-SAT where no start fits;
3. ``polish`` – neighbouring groups taken apart and solved exactly by CP-SAT, over and over, in growing pieces;
4. the proof: what the bound leaves possible, in one program.

``check`` judges every answer by its own code before it is given back.
"""

from planning.p_median.check import faults
from planning.p_median.solve import capacitated_p_median
from planning.p_median.types import PMedian

__all__ = ["PMedian", "capacitated_p_median", "faults"]
