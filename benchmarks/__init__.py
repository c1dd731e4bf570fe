"""Measurements: understanding on the development set, and serving against stock Rasa."""
