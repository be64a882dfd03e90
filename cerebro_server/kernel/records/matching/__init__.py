"""Finding records that are there twice: which to compare, how alike they are, what was found."""
