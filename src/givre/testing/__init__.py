"""Phantoms, fakes and analytic runs for tests and offline samples; nothing in the core imports it."""
