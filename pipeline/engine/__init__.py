"""Dask: the only package that imports it."""
