"""What `attack_sloppy.py` and `attack_importguard.py` try: a function for each shape of input."""
