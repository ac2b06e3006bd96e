"""Is the solver right: cards that hold it against exact solutions, other codes and measurements, and their verdicts."""
