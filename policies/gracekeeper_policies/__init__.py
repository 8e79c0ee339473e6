"""Judges what a Python process will do when Kubernetes starts it, squeezes it and stops it."""
