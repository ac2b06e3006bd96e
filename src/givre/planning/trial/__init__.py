"""One plan tried: the case made ready, its problem, its figures, and many of them at once."""
