"""File formats, engines and renderers; none knows another."""
