"""How each figure came about: its inputs with their sources, and the arithmetic between them and the figure."""
