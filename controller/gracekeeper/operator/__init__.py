"""The operator: judges at admission what comes into a cluster, by the same function as the command line."""
