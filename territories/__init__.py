"""The tree of units, its maps, and what comes in from outside."""
