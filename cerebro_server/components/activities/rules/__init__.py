"""What the activities component checks and derives on write."""
