"""The plan's cuts, made in the source files and proved.

Plan step → uses of the name classified → chosen form → LibCST edit → proof: the graph is worked out again.
"""
