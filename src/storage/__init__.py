"""What Sloppy stores: places, whole files, settings, the lock of one instance."""
