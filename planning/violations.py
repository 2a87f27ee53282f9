"""What a broken rule looks like, for bundles and for routes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule broken by a plan or a bundle: which rule, by what, one Chinese sentence; ``plan`` names one of several."""

    rule: str
    subject: str
    message: str
    plan: str = ""
