"""The commands of ``wuyetu``, by subject."""
