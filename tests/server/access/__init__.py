"""Who may do what, rule by rule."""
