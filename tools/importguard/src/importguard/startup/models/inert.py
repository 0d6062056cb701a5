"""Modules whose functions are not followed."""

# Standard library modules whose functions work on text, types or tables: costly to follow, and they load nothing.
INERT = frozenset(
    """
    abc ast collections copyreg dataclasses enum inspect logging traceback re re._compiler
    re._parser sre_compile sre_parse string textwrap tokenize types typing weakref
    """.split()
)

# Of these not even what the project's own code calls: what they answer is of no use, or a model answers it.
OPAQUE = frozenset(
    """
    abc ast copyreg dataclasses enum inspect re re._compiler re._constants re._parser sre_compile sre_parse
    string tokenize types typing
    """.split()
)
# Those of them that look at functions and call none of what they get.
LOOKING = frozenset({"abc", "copyreg", "inspect", "types", "typing"})
