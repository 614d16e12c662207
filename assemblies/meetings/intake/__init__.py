"""Assemblies held before Cuadra was here, brought in as a table (001-05, 001-16)."""
