"""Tables of the planner, each number with its source and status."""
