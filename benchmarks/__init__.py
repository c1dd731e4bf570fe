"""Measures understanding on the development set, and the whole beside stock Rasa."""
