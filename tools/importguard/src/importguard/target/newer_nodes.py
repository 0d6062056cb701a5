"""Syntax that Python 3.11 has no node for. Pure."""

import ast


class TypeAlias(ast.stmt):
    """`type name[type_params] = value`, of Python 3.12."""

    _fields = ("name", "type_params", "value")


class TypeParameter(ast.AST):
    """`name: bound = default_value` in the brackets of a class, a function or a type alias."""

    _fields = ("name", "bound", "default_value")
    name: str
