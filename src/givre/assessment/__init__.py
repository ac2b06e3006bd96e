"""What a simulated freeze means: ice-ball, lethal zone, coverage, margin, organs at risk, verdicts."""
