"""`os.path` on Windows."""

from importguard.startup.models.library import Library
from importguard.startup.models.posixpath import MODELS

LIBRARY = Library(functions={"ntpath": MODELS})
