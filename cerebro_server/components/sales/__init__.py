"""Sales: pipelines with their stages, deals, and who takes part in them."""
