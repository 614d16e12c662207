"""What is agreed and followed."""
