"""Where facts come from: the checkout, GitHub, and what the index says publicly. Read-only."""
