"""Where a verdict goes: pure functions from what was judged to text, the same at every run."""
