"""Lazy packages, and a module that is lazy itself."""

import networkx
import scipy
import skimage

sparse = scipy.sparse
graph = networkx.Graph()
version = skimage.__version__


def __getattr__(name):
    if name == "frame":
        import pandas

        return pandas.DataFrame
    raise AttributeError(name)
