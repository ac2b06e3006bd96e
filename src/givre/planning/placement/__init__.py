"""Number and places of the cryoprobes: what is wished, searched, judged by the solver and ranked."""
