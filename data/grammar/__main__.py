"""Write data/course/{train,dev,test}.tsv: `python -m data.grammar`."""

from .build import build, write

sides = build()
write(sides)
print(", ".join(f"{side} {len(rows):,}" for side, rows in sides.items()), "pairs")
