"""Size, start-up time and speed, measured on the machine at hand and never asserted by the suite."""
