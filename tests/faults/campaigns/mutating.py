"""Bytes and JSON values that are nearly right, drawn from good ones."""

from __future__ import annotations

import copy
import json

#: What breaks those that read numbers.
NUMBERS = (0, 1, -1, 2**31 - 1, -(2**31), 2**63, 2**64, 10**400, 0.5, -0.0, 1e308, 1e-320)
#: In a JSON text as they stand; Python writes and reads the first three.
ODD_TEXTS = ("NaN", "Infinity", "-Infinity", "1e999", "[" * 3000 + "]" * 3000, '"\\ud800"', '{"a":')
WORDS = ("", "x", "xy", "\0", "../../etc/passwd", "ä" * 300, "𝕏", "%s%n", "auto", "picture", "\n")
_WORDS_OF_BYTES = (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0")


def bytes_of(rng, content, others=()):
    """A file's bytes with one to three things wrong.

    Args:
        rng: A ``random.Random``.
        content: The good file's.
        others: Of other good files, pieces of which may come in.
    """
    changed = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        # Most of what decides lies at the beginning.
        end = len(changed) if rng.random() < 0.5 else min(len(changed), 256)
        at = rng.randrange(max(1, end))
        match rng.randrange(7):
            case 0:
                for _ in range(rng.randint(1, 8)):
                    if changed:
                        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            case 1:
                changed[at : at + 4] = rng.choice(_WORDS_OF_BYTES)
            case 2:
                changed[at : at + rng.randint(1, 64)] = rng.randbytes(rng.randint(0, 64))
            case 3:
                del changed[at:]
            case 4:
                changed[at:at] = changed[at : at + rng.randint(1, 400)] * rng.randint(1, 4)
            case 5:
                del changed[at : at + rng.randint(1, 400)]
            case 6 if others:
                other = rng.choice(others)
                begin = rng.randrange(max(1, len(other)))
                changed[at : at + 200] = other[begin : begin + rng.randint(1, 400)]
    return bytes(changed)


def value_of(rng):
    """Any JSON value."""
    match rng.randrange(7):
        case 0:
            return rng.choice(NUMBERS)
        case 1:
            return rng.choice(WORDS)
        case 2:
            return rng.choice((None, True, False))
        case 3:
            return [value_of(rng) for _ in range(rng.randint(0, 3))]
        case 4:
            return {rng.choice(WORDS): value_of(rng) for _ in range(rng.randint(0, 3))}
        case 5:
            return rng.randint(-(10**6), 10**6)
        case _:
            return rng.uniform(-1e3, 1e3)


def json_of(rng, good):
    """The text of a good value with one to three places of it changed."""
    value = copy.deepcopy(good)
    for _ in range(rng.randint(1, 3)):
        places = list(_places(value))
        if not places:
            return json.dumps(value_of(rng))
        inside, key = rng.choice(places)
        match rng.randrange(4):
            case 0 if isinstance(inside, dict):
                del inside[key]
            case 1 if isinstance(inside, dict):
                inside[rng.choice(WORDS)] = inside[key]
            case 2:
                inside[key] = "TEXT"
            case _:
                inside[key] = value_of(rng)
    text = json.dumps(value)
    while '"TEXT"' in text:
        text = text.replace('"TEXT"', rng.choice(ODD_TEXTS), 1)
    return text


def _places(value):
    """Whatever can be changed within a value: its holder and its key."""
    if isinstance(value, (dict, list)):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from _places(inner)
