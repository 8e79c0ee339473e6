"""Rules on exceptions, and on what nobody could see."""
