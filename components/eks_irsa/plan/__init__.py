"""One frozen plan per entry: everything that will be made, before anything is.

Whatever comes after reads the plan and decides nothing: the resources, `synth`, and
later the review of a pull request.
"""
