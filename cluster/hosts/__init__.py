"""Brings bare machines to where a Swarm and a share can be used: packages, NFS, mounts, Swarm."""
