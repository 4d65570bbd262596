"""The engine: what is declared, measured, kept and judged. Its names are nobody's API: those of `evobench` are."""
