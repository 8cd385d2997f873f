"""Integers of any length, and how kernels are compiled."""
