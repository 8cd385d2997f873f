"""What is taken where the user says nothing."""

COLUMN = "ValorObservado"
"""The column that is read: the observed value in IDEAM's exports."""

MAX_GROUPS = 1_000_000
"""How many groups there may be."""

MAX_REJECTS = 10_000
"""How many skipped cells and rows are listed."""

WINDOW = 500
"""Values in a window of the moving variance."""

PERCENTILES = (10, 25, 50, 75, 90)
