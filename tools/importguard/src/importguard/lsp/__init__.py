"""What an editor shows: costs at import lines, findings, and the change that `fix` would make.

Start → facts of each line → answers of the Language Server Protocol. Only `server` knows that protocol.
"""
