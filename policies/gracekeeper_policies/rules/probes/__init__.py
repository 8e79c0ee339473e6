"""Rules on what Kubernetes will believe of a server."""
