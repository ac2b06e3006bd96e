"""The record of one lesion and of what is asked for it; no identity ever enters here."""
