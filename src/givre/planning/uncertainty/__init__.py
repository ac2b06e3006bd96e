"""How sure a plan is: spreads, samples, chances, sensitivity, and plans that hold for a quantile."""
