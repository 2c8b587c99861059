"""What an index is asked to do, and what its answers mean."""
