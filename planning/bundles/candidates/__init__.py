"""Who takes part in bundles, with whom, and what a solver gets of them: `Pool`s."""
