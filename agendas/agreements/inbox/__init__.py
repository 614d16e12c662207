"""What whoever owes an agreement sees and does."""
