"""One edit a rule: text in, text out. What makes sure that an edit is right is in `fixes.py`."""
