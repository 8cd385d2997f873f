"""What is kept on this machine for its user: credentials, the lock, the Dask configuration."""
