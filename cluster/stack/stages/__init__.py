"""The stages of a plan, one file each: what it compares, and the actions that close the gap."""
