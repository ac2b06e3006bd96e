"""Other codes on the same cases: a fine axisymmetric reference, scikit-fem, and the table of differences."""
