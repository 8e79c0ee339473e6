"""Rules on work that runs to its end."""
