"""Tables of tissue properties and HU thresholds, each number with its spread, source and status."""
