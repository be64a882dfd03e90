"""What is done with leads and deals."""
