"""Compressed text: recognised by its first bytes, and decompressed beside the reading."""
