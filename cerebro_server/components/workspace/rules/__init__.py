"""What the workspace component checks and derives on write."""
