"""Plain data and its parsing: what is registered, what is asked for, what is reported. No I/O."""
