"""Where a thermal problem is solved: on this machine."""

from givre.adapters.engine.local import solve_here

__all__ = ["solve_here"]
