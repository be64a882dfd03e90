"""Leads, deals and the pipelines that they go through."""
