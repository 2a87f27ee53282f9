"""A planner's hands: moves as wishes, wishes read against the data, and which of them clash."""
