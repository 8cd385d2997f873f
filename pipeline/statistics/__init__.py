"""From values to a summary, and from a summary to numbers."""
