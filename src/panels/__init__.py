"""The dockable windows, one file each. `draw` reads a snapshot, draws, and calls the controller. No disk, no pool."""
