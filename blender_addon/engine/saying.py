"""Say in the artist's language what the engine and the add-on have said in English."""

from __future__ import annotations

from bpy.app.translations import pgettext_iface as iface_

from ..add_on import CONTEXT
from ..bundled.texcore.contract.sentences import translate


def say(text: object) -> str:
    """Return a message, such as an error's, as the artist reads it; English if nobody knows it."""
    return translate(str(text), lambda sentence: iface_(sentence, CONTEXT))
