"""Documents and languages: YAML with lines, expressions, name patterns, shell."""
