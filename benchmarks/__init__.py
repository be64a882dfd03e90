"""Figures, each as a ratio to a baseline that is measured in the same minute: `make bench`."""
