"""Reading: from the bytes of a file to float64."""
