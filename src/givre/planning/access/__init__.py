"""Ways to the lesion: skin, structures to keep away from, needles, checked paths, corridor, trajectories."""
