"""Measures the project and its peers over the same files: python -m bench."""
