"""Set up PyPI Trusted Publishing for a GitHub repository."""
