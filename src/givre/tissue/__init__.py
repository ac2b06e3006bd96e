"""What the patient is made of: materials, their thermal properties and where they are."""
