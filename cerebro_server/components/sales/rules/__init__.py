"""What the sales component checks and derives on write, one module for each noun."""
