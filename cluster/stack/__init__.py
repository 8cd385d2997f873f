"""What runs on the machines: image, secrets, labels, the stack and its workers."""
