"""What `attack_importguard.py` attacks with. Each shape is made from a seed, so that a failure can be made again."""
