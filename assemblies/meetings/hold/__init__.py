"""Holding an assembly on a phone, one tap at a time."""
