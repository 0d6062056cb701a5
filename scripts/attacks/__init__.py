"""What `scripts/attack_sloppy.py` tries: a function for each shape of input, which raises for a fault."""
