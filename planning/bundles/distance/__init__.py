"""Shorter ways and more equal bundles, with the coverage kept."""
