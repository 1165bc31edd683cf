"""What engine and extension agree on; standard library only, for the extension imports it."""
