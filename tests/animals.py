"""A table of fifty sentences that a tiny translator learns from in seconds."""

ANIMALS = {"cat": "बिल्ली", "dog": "कुत्ता", "cow": "गाय", "bird": "चिड़िया", "fish": "मछली"}
# Every pair has a word of its own: a vocabulary tells which sentences it was made from.
TABLE = "".join(
    f"The {animal} eats number{n}{i}.\t{पशु} संख्या{n}{i} खाती है।\n"
    for n in range(10)
    for i, (animal, पशु) in enumerate(ANIMALS.items())
)
