"""What goes out: the composer, the material, the request built from it, its preview, token counts, sent files."""
