"""Cryoprobes: the catalogue, where they are placed and how they are driven."""
