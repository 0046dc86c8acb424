"""Whether letters are drawn as letters, or all as the same empty box."""

SAME_WIDTH = ("कल", "घर")  # both of two letters without a sign


def letters_differ(element) -> bool:
    """Tell whether two Hindi words look different where an element stands.

    Where no font has them, each of their letters is the same empty box.
    """
    before = element.evaluate("e => e.innerHTML")
    pictures = []
    for word in SAME_WIDTH:
        element.evaluate("(e, text) => { e.textContent = text; }", word)
        pictures.append(element.screenshot(animations="disabled", caret="hide"))
    element.evaluate("(e, html) => { e.innerHTML = html; }", before)
    return pictures[0] != pictures[1]
