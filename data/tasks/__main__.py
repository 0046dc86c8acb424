"""Write data/tasks/TASK/{train,dev,test}.tsv: `python -m data.tasks`."""

from .build import build, write

tasks = build()
write(tasks)
for name, tables in tasks.items():
    print(name, ", ".join(f"{split} {len(rows):,}" for split, rows in tables.items()), "pairs")
