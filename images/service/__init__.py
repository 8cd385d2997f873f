"""What the containers of the stack run: the scheduler, a worker, and the health check of both."""
