"""A plan under other wishes: what they touch is solved again, and what that changes is told."""
