"""What is written for people: the dossier of the tumour board, as values ready to render."""
