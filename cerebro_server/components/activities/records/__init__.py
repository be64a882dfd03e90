"""Record types of the activities component, one module for each noun."""
