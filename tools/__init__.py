"""What build.py is made of; standard library only (but `contracts`), Python 3.11 or newer."""
