"""The log of a failed run: read, cleaned, searched for known errors, and what follows from them."""
