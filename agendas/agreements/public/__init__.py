"""An agreement as anybody sees it, and the voices of neighbours."""
