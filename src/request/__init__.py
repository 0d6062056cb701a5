"""What goes out: its material, how it is built, its preview, the composer, token counts."""
