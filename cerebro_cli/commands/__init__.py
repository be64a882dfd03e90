"""Commands with verbs of their own, by component; plain nouns need none (see `noun`)."""
