"""The document library of units, assemblies and agreements."""
