"""Commands of what is done and to be done."""
