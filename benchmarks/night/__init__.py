"""A night of assemblies: the town, the phones of those who hold them, those who read, and the reckoning."""
