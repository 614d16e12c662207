"""What every section stands on: the core, and the faces people use."""
