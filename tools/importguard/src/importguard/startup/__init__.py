"""What a start loads: an interpreter of module-level code that runs nothing."""
