"""Published measurements beside what the model gives: every point, its uncertainty, and what cannot be compared."""
