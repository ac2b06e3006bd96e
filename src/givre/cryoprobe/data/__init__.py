"""Tables of cryoprobes and of how fast they cool and thaw, each number with its source and status."""
