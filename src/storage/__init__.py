"""What Sloppy stores: files written whole, the user's folders, the settings, the lock of one instance."""
