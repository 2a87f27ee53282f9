"""All pools solved: every part through its stages, on all cores."""
