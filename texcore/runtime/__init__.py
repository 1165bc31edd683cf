"""The machine: devices, memory, processes, threads. Importing it imports no torch."""
