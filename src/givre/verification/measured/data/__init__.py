"""Published measurements, transcribed, with source, uncertainty and standing."""
