"""The corpora of the course: a package only so that they travel with `s2s_keras`."""
