"""The check that finds what will break the first release: the workflow as typed data, and rules over it."""
