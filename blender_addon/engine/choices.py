"""Say which engine is meant: its Python, its folder, its weights, its device."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bpy

from .. import add_on
from ..add_on import get_preferences
from ..bundled.texcore.contract import hosts, user_folders
from ..bundled.texcore.contract.errors import BadInput, Unavailable
from ..bundled.texcore.contract.files import safely
from ..bundled.texcore.contract.words import Choice, Words
from ..engine_setup.place import EngineFolder, Record, find_own, read
from .program import SET_UP, Host

PYTHON_VARIABLE = "TEXCORE_PYTHON"
#: The word of the preferences for weights in a file of the artist's own.
OWN_FILE = "file"
#: Letters of the longest path below the folder while PyTorch 2.13 is installed; Windows allows 259
#: for the whole.
LONGEST_BELOW = 208
WINDOWS_LETTERS = 259

DEVICES = (
    Choice(
        "auto",
        "Automatic",
        "A graphics card if there is one that works, else the processor",
        Words("Automatisch", "Eine Grafikkarte, wenn es eine brauchbare gibt, sonst der Prozessor"),
    ),
    Choice(
        "cuda",
        "NVIDIA or AMD",
        "PyTorch's cuda device",
        Words("NVIDIA oder AMD", "Das Gerät, das in PyTorch cuda heißt"),
    ),
    Choice(
        "mps",
        "Apple",
        "PyTorch's mps device",
        Words("Apple", "Das Gerät, das in PyTorch mps heißt"),
    ),
    Choice(
        "cpu", "Processor", "Slow, works everywhere", Words("Prozessor", "Langsam, geht überall")
    ),
)
WEIGHTS = (
    Choice(
        "auto",
        "Automatic",
        "The best of those on this computer",
        Words("Automatisch", "Die besten auf diesem Rechner"),
    ),
    Choice(
        "vgg19",
        "VGG-19",
        "Trained on photos of objects; the network of the papers",
        Words("VGG-19", "An Fotos von Gegenständen trainiert; das Netz der Veröffentlichungen"),
    ),
    Choice(
        "vgg16",
        "VGG-16",
        "Smaller than VGG-19, nearly as good",
        Words("VGG-16", "Kleiner als VGG-19, fast so gut"),
    ),
    Choice(
        "random",
        "Random",
        "An untrained network: nothing to download, simpler textures",
        Words("Zufällig", "Ein untrainiertes Netz: nichts herunterzuladen, einfachere Texturen"),
    ),
    Choice(
        OWN_FILE,
        "File",
        "A file of VGG weights",
        Words("Datei", "Eine Datei mit Gewichten von VGG"),
    ),
)


def find_engine(context: bpy.types.Context) -> Path | Host:
    """Return the engine that is meant: the other computer of the preferences, else `find_python`.

    Raises:
        BadInput: The other computer's name is none.
        Unavailable: There is no engine here.
    """
    host = find_host(context)
    return Host(Path(blender_python()), host) if host else find_python(context)


def find_host(context: bpy.types.Context) -> str:
    """Return the name of the other computer in the preferences; empty for this one.

    Raises:
        BadInput: It is none, or ssh would take it for something else.
    """
    given = get_preferences(context).host
    return hosts.check_host(given) if given.strip() else ""


def blender_python() -> str:
    """Return the interpreter inside this Blender: it runs programs; nothing goes into it."""
    if Path(sys.executable).name.lower().startswith("python"):
        return sys.executable
    names = ("bin/python.exe", f"bin/python3.{sys.version_info.minor}", "bin/python3")
    found = (Path(sys.prefix) / name for name in names)
    return str(next((path for path in found if path.is_file()), sys.executable))


def find_python(context: bpy.types.Context) -> Path:
    """Return the interpreter to run the engine with.

    It is the environment variable ``TEXCORE_PYTHON``; without that, the preference; without that,
    the environment that was set up in the preferences' folder; without that, the one that another
    Blender of this user or ``build.py setup`` has made last.

    Raises:
        Unavailable: There is none, or its file is missing.
    """
    given = os.environ.get(PYTHON_VARIABLE) or get_preferences(context).python
    if not given:
        record = read(Record, get_place().record)
        given = record.python if record and record.complete else _read_pointer()
    if not given:
        raise Unavailable(f"The engine is not set up yet: {SET_UP}.")
    python = _resolve_path(given)
    if python.is_dir():
        raise Unavailable(
            f"The engine Python {python} is a folder: choose the program in it, such as bin/python."
        )
    if not python.is_file():
        raise Unavailable(f"The engine Python {python} does not exist: {SET_UP}.")
    return python


def _read_pointer() -> str:
    """Return the Python that another Blender or the build script has told of; empty if none has."""
    try:
        return user_folders.engine_python_file().read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def name_weights(context: bpy.types.Context) -> str:
    """Return the protocol's word for the preferences' weights, without a look at any disk."""
    preferences = get_preferences(context)
    if preferences.weights != OWN_FILE:
        return str(preferences.weights)
    return str(_resolve_path(preferences.weights_file))


def choose_weights(context: bpy.types.Context, given: str | None = None) -> str:
    """Return the protocol's word for the weights chosen, or their file's absolute path.

    Args:
        context: Where the user is.
        given: What a script or command asked for; None: what the preferences say.

    Raises:
        BadInput: The file chosen in the preferences is not there.
    """
    if given is not None:
        # The engine works in another folder and knows no “//”.
        file = _resolve_path(given)
        return str(file) if safely(file.is_file) else given
    preferences = get_preferences(context)
    if preferences.weights != OWN_FILE:
        return preferences.weights
    path = _resolve_path(preferences.weights_file)
    if not path.is_file():
        raise BadInput(f"The weights file {path} does not exist: choose another one.")
    return str(path)


def _resolve_path(given: str) -> Path:
    """Return a path as users write it, absolute: with “//” of the blend file's folder, or “~”."""
    return Path(bpy.path.abspath(given)).expanduser().absolute()


def get_folder() -> Path:
    """Return where the engine's environment goes: the preferences' folder, else an own one.

    In a folder that holds anything else it goes into one of its own.
    """
    given = get_preferences(bpy.context).folder
    return find_own(_resolve_path(given)) if given else get_default_folder()


def get_default_folder() -> Path:
    """Return the extension's own folder; where that makes Windows paths too long, the user's."""
    try:
        path = Path(bpy.utils.extension_path_user(add_on.ID, path="engine", create=True))
    except ValueError:  # run from a clone, not installed as an extension
        return user_folders.data_dir() / "engine"
    if sys.platform == "win32" and len(str(path)) + 1 + LONGEST_BELOW > WINDOWS_LETTERS:
        return user_folders.data_dir().parent / "e"
    return path


def get_place() -> EngineFolder:
    """Return the names in the folder."""
    return EngineFolder(get_folder())
