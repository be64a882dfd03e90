"""What the sales component checks and derives on write."""
