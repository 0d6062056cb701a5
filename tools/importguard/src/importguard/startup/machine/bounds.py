"""How much of one start is worked out: the bounds that keep its time and its memory small."""

MAX_CALL_DEPTH = 40  # calls inside calls, imports not counted
CALL_STEPS = 60_000  # of one call made at module level
PROGRAM_STEPS = 200_000  # of one that the program's own main file makes there
MAX_STEPS = 10_000_000  # of the whole start, some seconds; the largest of 242 recorded starts takes 0.7 million
# Of the whole start, in expressions, turns of loops and items made or walked: what bounds its time and its memory.
MAX_WORK = 12_000_000  # the largest of the recorded starts takes 2.9 million
# Of the calls that the body of one installed module makes, after which it makes no more that are followed.
MODULE_STEPS = 300_000  # those of what it imports not counted
MAX_ASKED_STEPS = 200_000  # of functions of the standard library that are followed only because own code calls them
MAX_NODES = 4_000_000  # of all programs together: what bounds the time and the memory that reading them takes
MAX_SOURCE = 128 * 1024 * 1024  # bytes of all files together
MAX_NAME = 4_000  # characters of a module's name: more than a path may have
MAX_IMPORT_DEPTH = 500  # imports inside imports: three times what Python's own limit allows
MAX_STOPS = 200  # reported ones
