"""What givre does, one module per verb; each knows only the core and the ports."""
