"""A training run while it lives: its loop, its course, what it saves and tells, and how it ends."""
