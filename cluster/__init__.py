"""Brings machines into the state their inventory describes: a secured Dask cluster on a Swarm."""
