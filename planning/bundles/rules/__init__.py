"""Every rule of a bundle plan, stated apart from the solver (`check`), with what they look at measured anew."""

from planning.bundles.rules.check import HARD_RULES, LIMITS, TRUTHS, Adjustment, exceptions, violations

__all__ = ["HARD_RULES", "LIMITS", "TRUTHS", "Adjustment", "exceptions", "violations"]
