"""The data model: which special method of a class answers for an operation on its objects.

`Instance` asks them through `Instance.special`. An operation that is not in these tables never runs code of a class.
"""

from __future__ import annotations

# By the name of the operator's class in `ast`: the method of the left operand, that of the right one.
BINARY = {
    "Add": ("__add__", "__radd__"),
    "Sub": ("__sub__", "__rsub__"),
    "Mult": ("__mul__", "__rmul__"),
    "Div": ("__truediv__", "__rtruediv__"),
    "FloorDiv": ("__floordiv__", "__rfloordiv__"),
    "Mod": ("__mod__", "__rmod__"),
    "Pow": ("__pow__", "__rpow__"),
    "MatMult": ("__matmul__", "__rmatmul__"),
    "LShift": ("__lshift__", "__rlshift__"),
    "RShift": ("__rshift__", "__rrshift__"),
    "BitAnd": ("__and__", "__rand__"),
    "BitOr": ("__or__", "__ror__"),
    "BitXor": ("__xor__", "__rxor__"),
}
COMPARISON = {
    "Eq": ("__eq__", "__eq__"),
    "NotEq": ("__ne__", "__ne__"),
    "Lt": ("__lt__", "__gt__"),
    "LtE": ("__le__", "__ge__"),
    "Gt": ("__gt__", "__lt__"),
    "GtE": ("__ge__", "__le__"),
}
IN_PLACE = {op: left.replace("__", "__i", 1) for op, (left, _) in BINARY.items()}
UNARY = {"USub": "__neg__", "UAdd": "__pos__", "Invert": "__invert__"}
TRUTH = ("__bool__", "__len__")
LENGTH = "__len__"
CONTAINS = "__contains__"
ITERATE = "__iter__"
NEXT = "__next__"
CALL = "__call__"
GET_ITEM = "__getitem__"
SET_ITEM = "__setitem__"
DELETE_ITEM = "__delitem__"
ENTER, EXIT = "__enter__", "__exit__"
GET = "__get__"
GET_MISSING_ATTRIBUTE = "__getattr__"
