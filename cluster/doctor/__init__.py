"""Checks everything that could explain a failure, and says what to do."""
