"""The stages of `up` in the swarm, one file each: what is compared, and the actions."""
