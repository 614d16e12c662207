"""Measurements, each printing a table; none of them decides whether the software is right."""
