"""Draws the dossier: figures, three-dimensional pictures, HTML page and PDF."""
