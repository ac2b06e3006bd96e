"""From measured isotherms to a cryoprobe: simulate the measurement, fit the probe, say how sure that is."""
