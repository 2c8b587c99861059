"""What GitHub would load: schema, model, matrix, calls, triggers."""
