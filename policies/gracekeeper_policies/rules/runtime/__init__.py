"""Rules on the configuration and the start of a process."""
