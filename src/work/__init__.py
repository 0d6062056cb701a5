"""Work beside the window: the io pool, background jobs, file watch, clock, toasts, log book."""
