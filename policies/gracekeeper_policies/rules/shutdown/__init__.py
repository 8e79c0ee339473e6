"""Rules on what happens between the stop signal and SIGKILL."""
