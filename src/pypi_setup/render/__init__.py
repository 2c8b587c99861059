"""Renderers: pure functions from a report to one form of output each."""
