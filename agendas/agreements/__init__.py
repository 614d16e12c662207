"""Agreements: proposed in an assembly, worked on by whoever owes them, closed by neighbours."""
