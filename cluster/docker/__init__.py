"""Docker, one endpoint at a time: its command line and its Engine API."""
