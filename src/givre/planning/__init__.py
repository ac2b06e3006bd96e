"""Where the cryoprobes go and how sure that is: trajectories, placement, uncertainty, protection."""
