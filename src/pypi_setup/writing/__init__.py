"""The workflows that `init` writes, and the plan that leads to them."""
