"""The pages of docs/ as a reader uses them: their files are written, their commands run, their output compared."""
