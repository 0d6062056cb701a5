"""Work beside the window: the pool, background jobs, file watch, frame clock, toasts, the log."""
