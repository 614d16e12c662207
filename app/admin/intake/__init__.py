"""Bodies and people brought in as tables (001-04, 001-45)."""
