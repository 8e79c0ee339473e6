"""Rules on the image a container starts from."""
