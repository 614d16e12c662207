"""Agreements made before Cuadra was here, brought in as a table (001-16)."""
