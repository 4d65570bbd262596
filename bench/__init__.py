"""The engine: what is declared, measured, kept and judged. It is internal: the public names are those of
`evobench`."""
