"""The ground every floor stands on: errors and provenance."""
