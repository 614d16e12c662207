"""People's data: the register, how long each thing is kept, what a person may take along."""
