"""What this user has on this machine: credentials, the lock, the Dask configuration."""
