"""Exact arithmetic, the processor instructions it needs, and how kernels are compiled."""
