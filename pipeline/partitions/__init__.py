"""What is read where, and merged with what."""
