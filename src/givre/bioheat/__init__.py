"""Heat in living tissue that freezes: enthalpy finite volumes, probes as line sources, runs."""
