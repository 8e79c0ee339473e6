"""Gracekeeper: the command line, the operator and their reports, around the pure policies."""
