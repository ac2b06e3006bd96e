"""One CT series: its slices chosen, judged, stacked, and turned into Hounsfield units."""
