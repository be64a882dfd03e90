"""Record types of the sales component, one module for each noun."""
