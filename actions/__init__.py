"""Custom actions: read the turn, record what must be recorded, compose the reply."""
