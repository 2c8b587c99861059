"""What is found when it is not given, and all that is found out before anything is decided."""
