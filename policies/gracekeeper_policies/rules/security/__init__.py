"""Rules on who a process runs as and what it may do."""
