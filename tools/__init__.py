"""Small programs of the house: set-up, the map of the floors, the tables of the documentation."""
