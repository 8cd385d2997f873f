"""The machines: Docker and NFS installed, the share mounted, every node in the swarm."""
