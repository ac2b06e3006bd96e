"""Media in which probes are measured."""
