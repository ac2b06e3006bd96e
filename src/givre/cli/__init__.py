"""The command line: parse, call one use case, present; data on stdout, everything else on stderr."""
