"""Requests of people about their own data: a register with a clock in working days."""
