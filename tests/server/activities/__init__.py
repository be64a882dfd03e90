"""Tests of tasks, activities, notes and follows."""
