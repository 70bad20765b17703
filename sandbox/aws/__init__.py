"""AWS on this machine: moto, and in front of it doubles that refuse what AWS refuses.

Importing this package costs nothing; `server` is the module that loads moto.
"""
