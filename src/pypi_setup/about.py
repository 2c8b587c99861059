"""What this product says of itself, in a module of its own so that reading it imports nothing else."""

__version__ = "0.1.0"

PROJECT_URL = "https://github.com/pypi-setup/pypi-setup"
"""Home of the code and of the documents that messages link to."""
