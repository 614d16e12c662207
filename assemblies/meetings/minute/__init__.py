"""The minutes of an assembly: assembled from what was recorded, reviewed, sealed, added to."""
