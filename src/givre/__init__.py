"""givre."""
