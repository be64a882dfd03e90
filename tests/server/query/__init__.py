"""Tests of the query language, PostgreSQL being the reference."""
