"""What a run leaves behind, written to files."""
