"""What is counted of deals, in one statement each and in exact numbers: what the caller may not see
is not counted, and what is of different currencies is not added up."""
