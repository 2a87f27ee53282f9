"""Boundaries for estates that have only words or a point: proposed with a confidence, accepted, or left for a person."""

from planning.boundaries.propose import city_map, propose, task
from planning.boundaries.running import fit_model, run, save, stored_model
from planning.boundaries.stake import at_stake
from planning.boundaries.types import BoundaryRun, EstateBoundary

__all__ = [
    "BoundaryRun",
    "EstateBoundary",
    "at_stake",
    "city_map",
    "fit_model",
    "propose",
    "run",
    "save",
    "stored_model",
    "task",
]
