"""Import sites and the module-level code of one source file. Pure: text in, values out."""
