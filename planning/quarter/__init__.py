"""The quarter's plan (季度检查计划): pose the problem, solve it, check it.

Names are loaded on first use: the solver's worker processes import this package and need neither tables nor maps.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planning.quarter.problem import build_problem
    from planning.quarter.rules import violations
    from planning.quarter.settings import Settings
    from planning.quarter.solver.main import greedy_plan, solve

_HOMES = {
    "build_problem": "planning.quarter.problem",
    "violations": "planning.quarter.rules",
    "Settings": "planning.quarter.settings",
    "greedy_plan": "planning.quarter.solver.main",
    "solve": "planning.quarter.solver.main",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


__all__ = ["Settings", "build_problem", "greedy_plan", "solve", "violations"]
