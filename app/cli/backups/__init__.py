"""Copies of a whole instance, taken while it is written to, brought back, and tried out (docs/deploying.md)."""
