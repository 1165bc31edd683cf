"""PNG files from numbers, for pictures to try and for engines that paint."""

from __future__ import annotations

import struct
import zlib

import numpy as np


def png(pixels: np.ndarray, bits: int = 8) -> bytes:
    """A PNG file of values in 0...1 of shape (height, width, channels), of 8 or 16 bits."""
    height, width, channels = pixels.shape
    scaled = np.round(pixels * (2**bits - 1)).astype(">u2" if bits == 16 else "u1")
    rows = b"".join(b"\0" + row.tobytes() for row in scaled)
    kind = {3: 2, 4: 6}[channels]

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)
