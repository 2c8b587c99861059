"""What task runners and scripts of the repository run: read from its files, never run."""
