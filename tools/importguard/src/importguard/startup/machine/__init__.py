"""The abstract interpreter: state, statements, expressions, calls and imports."""
