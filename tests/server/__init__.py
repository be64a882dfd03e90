"""Tests of the server, over real stores."""
