"""The stack in the swarm: what is there, what is to be done, and how it is taken down."""
