"""Where neighbours meet and decide."""
