"""Back-up and restore."""
