"""What every component stands on: the five mechanisms and their ground."""
