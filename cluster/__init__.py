"""Brings machines into the state of their inventory: a secured Dask cluster on Docker Swarm."""
