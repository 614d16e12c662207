"""Access, transactions, errors, clock, languages, storage, jobs, space: nothing of the domain's rules."""
