"""What `importguard check` says of programs, beside what cutting their import statements saves."""
