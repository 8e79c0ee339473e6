"""A page for each server, out of its table: how it is recognised, how it stops, what fits it, what it can't do."""
