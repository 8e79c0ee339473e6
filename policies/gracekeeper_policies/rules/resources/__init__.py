"""Rules on the memory and CPU a process will have."""
