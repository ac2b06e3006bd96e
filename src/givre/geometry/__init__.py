"""Patient space: LPS, millimetres, arrays indexed (k, j, i) = slice, row, column."""
