"""The fast prediction of a plan, fitted to the solver, and its error."""
