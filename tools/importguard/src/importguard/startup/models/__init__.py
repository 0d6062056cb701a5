"""What is known of libraries, one file a library."""
