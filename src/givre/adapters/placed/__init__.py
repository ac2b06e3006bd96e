"""Probes as really placed, from a table."""

from givre.adapters.placed.reading import InvalidPlacedTable, read_placed_table

__all__ = ["InvalidPlacedTable", "read_placed_table"]
