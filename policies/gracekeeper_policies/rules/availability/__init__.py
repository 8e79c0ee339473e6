"""Rules on how many replicas serve, and how they are replaced."""
