"""One pipeline for each command."""
