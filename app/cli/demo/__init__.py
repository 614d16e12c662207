"""An invented borough: its map, its people, its words and its photos, made from a seed and nothing else.

Pure code: no database, no clock, no network. ``random.Random`` is always handed in.
"""
