"""What can be done with the records of any noun."""
