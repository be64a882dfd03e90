"""HTTP: from requests to contexts, from problems to replies."""
