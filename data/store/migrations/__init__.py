"""Alembic's folder: how the structure of the store came about, step by step."""
