"""The rules: small functions from evidence to findings, in one table."""
