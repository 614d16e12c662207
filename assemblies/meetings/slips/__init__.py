"""Slips: issued for the people counted, printed once, voided."""
