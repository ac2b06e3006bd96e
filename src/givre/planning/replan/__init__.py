"""The plan of the day: probes as really placed, and the smallest change that restores the goals."""
