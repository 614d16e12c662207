"""Photos and documents behind what is said of an agreement."""
