"""What a preview means: from the engine's text to the words a reviewer reads.

No engine runs here: the texts are those of `previews`, in the engine's form, and one
that was recorded from it. That the engine prints this form is proved in tests/engine.
"""
