"""What protects an organ where a limit binds, each proposal simulated."""
