"""A generated proof that nobody may do what the permission table does not say."""
