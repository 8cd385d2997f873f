"""Reading CSV: where rows and cells are, and what number a cell holds."""
