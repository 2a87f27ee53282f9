"""Marks of a picture that give way to each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

_ROUNDS = 200


def spread(homes: np.ndarray, halves: np.ndarray, radius: float, size: tuple[float, float]) -> np.ndarray:
    """Move marks apart until none covers another, each as near to its place as that allows; inside the picture.

    Parameters
    ----------
    homes
        Places of the marks, shape ``(n, 2)``, picture units.
    halves
        Half the width of each mark, shape ``(n,)``.
    radius
        Half the height of all marks.
    size
        Width and height of the picture.
    """
    low = np.column_stack([halves + 2, np.full(len(halves), radius + 2)])
    high = np.array(size) - low
    places = np.clip(homes, low, high)
    for _ in range(_ROUNDS):
        moved = False
        for a, b in combinations(range(len(places)), 2):
            room = np.array([halves[a] + halves[b] + 2, 2 * radius + 2])
            apart = places[b] - places[a]
            ratio = float(np.hypot(*(apart / room)))
            if ratio < 1:
                # Two marks at the very same place part along a direction of their own.
                angle = 2.4 * a + b
                way = apart / (np.hypot(*apart)) if ratio > 0 else np.array([np.cos(angle), np.sin(angle)])
                push = way * room * (1.01 - ratio) / 2
                places[a], places[b], moved = places[a] - push, places[b] + push, True
        places = np.clip(places, low, high)
        if not moved:
            break
    return places
