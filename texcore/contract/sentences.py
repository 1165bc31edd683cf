"""Sentences that the engine and the add-on say of what was done and what is wrong; their German.

A message is English wherever it comes from, for logs, scripts and command lines. Blender shows it
in the artist's language: it is found again here by its words, and what stood in its gaps is put
into the other language's sentence. One that is not here stays English.

    >>> translate("The file of “wall.png” is missing: /tmp/wall.png.", SENTENCES.get)
    'Die Datei von „wall.png“ fehlt: /tmp/wall.png.'
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

#: German by English. What is in braces is a gap; a gap that returns holds the same again.
SENTENCES: dict[str, str] = {
    # Pictures.
    "“{name}” has {width} × {height} pixels: a texture needs at least {least} × {least}.": (
        "„{name}“ hat {width} × {height} Pixel: Eine Textur braucht mindestens {least} × {least}."
    ),
    "“{name}” is of one colour all over: choose a picture of a texture.": (
        "„{name}“ hat nur eine einzige Farbe: das Bild einer Textur wählen."
    ),
    "The file of “{name}” is missing: {path}.": "Die Datei von „{name}“ fehlt: {path}.",
    "The picture “{path}” is not there: check the path.": (
        "Das Bild „{path}“ ist nicht da: den Pfad prüfen."
    ),
    "The picture {path} cannot be read: choose another.": (
        "Das Bild {path} lässt sich nicht lesen: ein anderes wählen."
    ),
    "“{name}” cannot be read: its file is damaged or no picture.": (
        "„{name}“ lässt sich nicht lesen: Die Datei ist beschädigt oder kein Bild."
    ),
    "“{name}” is no picture that can be read, or it is damaged.": (
        "„{name}“ ist kein Bild, das sich lesen lässt, oder beschädigt."
    ),
    "“{name}” is damaged or cut short: save or copy it again.": (
        "„{name}“ ist beschädigt oder abgeschnitten: noch einmal speichern oder kopieren."
    ),
    "“{name}” is too large: {width} × {height} pixels.": (
        "„{name}“ ist zu groß: {width} × {height} Pixel."
    ),
    "“{name}” is empty: its size is 0.": "„{name}“ ist leer: Seine Größe ist 0.",
    "“{name}” is a multilayer EXR: choose an image of a single layer.": (
        "„{name}“ ist ein EXR mit mehreren Ebenen: ein Bild mit einer einzigen wählen."
    ),
    "“{name}” is in the colour space “{space}”, which Texcore does not know: "
    "use sRGB, Non-Color or a linear one.": (
        "„{name}“ ist im Farbraum „{space}“, den Texcore nicht kennt: sRGB, Non-Color oder einen "
        "linearen nehmen."
    ),
    "The rectangle has {width} × {height} of the photo's {wide} × {high} pixels: a texture needs "
    "at least {least} × {least}.": (
        "Das Rechteck hat {width} × {height} von {wide} × {high} Pixeln des Fotos: Eine Textur "
        "braucht mindestens {least} × {least}."
    ),
    "Of a single photo a part can be learnt from: leave the other pictures out.": (
        "Von einem Teil lässt sich nur bei einem einzelnen Foto lernen: die anderen Bilder "
        "weglassen."
    ),
    "What stays of the photo needs all of it: let all of it be learnt from.": (
        "Was vom Foto bleibt, braucht das ganze: von allem lernen lassen."
    ),
    "“{name}” is a movie: choose a still image.": (
        "„{name}“ ist ein Film: ein stehendes Bild wählen."
    ),
    "“{name}” is an image sequence: choose a still image.": (
        "„{name}“ ist eine Bildfolge: ein stehendes Bild wählen."
    ),
    "“{name}” is a render or viewer result: save it as a file and choose that.": (
        "„{name}“ ist das Ergebnis eines Renderns oder Viewers: als Datei speichern und diese "
        "wählen."
    ),
    "Nothing is marked to be made anew: paint it white in the mask.": (
        "Es ist nichts markiert, was neu gemacht werden soll: es in der Maske weiß malen."
    ),
    "Nothing of the picture stays: paint black in the mask what is kept.": (
        "Vom Bild bleibt nichts: in der Maske schwarz malen, was bleiben soll."
    ),
    "Too little of the picture stays to learn from: mark a smaller part of it.": (
        "Vom Bild bleibt zu wenig, um davon zu lernen: einen kleineren Teil markieren."
    ),
    "“{name}” has {columns} × {rows} pixels and the exemplar {width} × {height}: a mask of what is "
    "repaired has the exemplar's size.": (
        "„{name}“ hat {columns} × {rows} Pixel und das Vorbild {width} × {height}: Eine Maske zum "
        "Ausbessern ist so groß wie das Vorbild."
    ),
    "“{name}” has {columns} × {rows} pixels and the exemplar {width} × {height}: a mask has the "
    "exemplar's proportions.": (
        "„{name}“ hat {columns} × {rows} Pixel und das Vorbild {width} × {height}: Eine Maske hat "
        "dieselben Seitenverhältnisse."
    ),
    "What stays keeps its size: leave the size out, or make it {width} × {height}.": (
        "Was bleibt, behält seine Größe: „Größe“ auf „Gleich“ stellen oder auf {width} × {height}."
    ),
    "Only the border is made anew so that it tiles: choose a tiling.": (
        "Nur der Rand wird neu gemacht, damit sich alles kacheln lässt: eine Kachelung wählen."
    ),
    "“{name}” has {count} colours: a mask has at most {most} regions.": (
        "„{name}“ hat {count} Farben: Eine Maske hat höchstens {most} Bereiche."
    ),
    # UDIM tiles.
    "“{name}” is a set of UDIM tiles: choose a single image for this.": (
        "„{name}“ ist ein Satz UDIM-Kacheln: hierfür ein einzelnes Bild wählen."
    ),
    "The tiles of “{name}” have changes that are in no file: save them, or pack them, with "
    "Image › Save.": (
        "Die Kacheln von „{name}“ haben Änderungen, die in keiner Datei sind: mit Bild › Speichern "
        "speichern oder packen."
    ),
    "Save the tiles of “{name}” with Image › Save As.": (
        "Die Kacheln von „{name}“ mit Bild › Speichern als speichern."
    ),
    "The tiles cannot be written ({why}): choose another place.": (
        "Die Kacheln lassen sich nicht schreiben ({why}): einen anderen Ort wählen."
    ),
    "“{name}” has {tiles} and “{other}” has {others}: give all maps the same tiles, or make one "
    "image alone, without All Maps.": (
        "„{name}“ hat {tiles} und „{other}“ hat {others}: allen Texturen dieselben Kacheln geben "
        "oder ein Bild allein machen, ohne „Alle Texturen“."
    ),
    "no UDIM tiles": "keine UDIM-Kacheln",
    "the UDIM tiles {numbers}": "die UDIM-Kacheln {numbers}",
    "“{name}” has UDIM tiles, which are made anew as a whole: take out the repair mask, and make "
    "new all.": (
        "„{name}“ hat UDIM-Kacheln, die als Ganzes neu gemacht werden: die „Maske“ leeren und "
        "„Alles“ neu machen."
    ),
    "“{name}” is a set of UDIM tiles, and engines want single pictures: save its tiles, and pack "
    "those of each number by “texcore pack”.": (
        "„{name}“ ist ein Satz UDIM-Kacheln, und Engines wollen einzelne Bilder: die Kacheln "
        "speichern und die jeder Nummer mit „texcore pack“ packen."
    ),
    "There are {count} UDIM tiles: use 1 to {most}.": (
        "Es sind {count} UDIM-Kacheln: 1 bis {most} nehmen."
    ),
    "{columns} × {rows} UDIM tiles of {width} × {height} pixels are one texture of {wide} × "
    "{high}, and the largest is {largest}: use tiles of at most {most}.": (
        "{columns} × {rows} UDIM-Kacheln von {width} × {height} Pixeln sind eine Textur von "
        "{wide} × {high}, und die größte ist {largest}: höchstens Kacheln von {most} nehmen."
    ),
    "UDIM tiles can be made by an engine on this computer only.": (
        "UDIM-Kacheln kann nur eine Engine auf diesem Rechner machen."
    ),
    # What is meant.
    "There is no active material: select an object that has one.": (
        "Es ist kein Material aktiv: ein Objekt auswählen, das eines hat."
    ),
    "The material “{name}” has no image: open a picture, or add an Image Texture node to it.": (
        "Das Material „{name}“ hat kein Bild: ein Bild öffnen oder einen Knoten Bildtextur "
        "hinzufügen."
    ),
    "“{name}” is linked from another file: make it local to change it.": (
        "„{name}“ ist aus einer anderen Datei verknüpft: lokal machen, um es zu ändern."
    ),
    "There is no image named “{name}”.": "Es gibt kein Bild namens „{name}“.",
    "The image is gone.": "Das Bild ist nicht mehr da.",
    "An image of the material is gone.": "Ein Bild des Materials ist nicht mehr da.",
    "No Image Texture node is meant: select an object with a textured material.": (
        "Es ist kein Knoten Bildtextur gemeint: ein Objekt mit einem texturierten Material "
        "auswählen."
    ),
    "No object is selected: select those that shall get the texture.": (
        "Es ist kein Objekt ausgewählt: die auswählen, die die Textur bekommen sollen."
    ),
    "No selected object has a material with an image of its own to learn from.": (
        "Kein ausgewähltes Objekt hat ein Material mit einem eigenen Bild, von dem sich lernen "
        "ließe."
    ),
    "There is no other image to compare with: synthesize one first.": (
        "Es gibt kein anderes Bild zum Vergleichen: zuerst eines erzeugen."
    ),
    "There are no variations of this image: make some first.": (
        "Von diesem Bild gibt es keine Varianten: zuerst welche machen."
    ),
    "“{name}” is of no variations: choose one that is.": (
        "„{name}“ ist keine Variante: eine wählen, die es ist."
    ),
    "There is no image to learn from.": "Es gibt kein Bild, von dem sich lernen ließe.",
    "Open an Image Editor first: the rectangle is drawn there.": (
        "Zuerst einen Bildeditor öffnen: Das Rechteck wird dort gezogen."
    ),
    "New regions need the exemplar's regions too: choose that mask as well.": (
        "Neue Bereiche brauchen auch die Bereiche des Vorbilds: diese Maske ebenfalls wählen."
    ),
    "A Blend Map lies between two exemplars: choose one at Mix With, too.": (
        "Eine „Verteilung“ liegt zwischen zwei Vorbildern: auch bei „Mischen mit“ eines wählen."
    ),
    "A second exemplar and regions do not go together: choose one of the two.": (
        "Ein zweites Vorbild und Bereiche gehen nicht zusammen: eines von beiden wählen."
    ),
    "Regions and a mixture do not go together: choose one of the two.": (
        "Bereiche und eine Mischung gehen nicht zusammen: eines von beiden wählen."
    ),
    "A blend map lies between two exemplars: give one more to mix with.": (
        "Eine „Verteilung“ liegt zwischen zwei Vorbildern: eines zum Mischen dazugeben."
    ),
    "There are no regions without a mask of the exemplar: give one.": (
        "Ohne eine Maske des Vorbilds gibt es keine Bereiche: eine wählen."
    ),
    "The model “regions” needs to know the regions: give a mask of the exemplar.": (
        "Das Modell „regions“ muss die Bereiche kennen: eine Maske des Vorbilds wählen."
    ),
    "The material “{name}” is on no object: choose it in an object's material list.": (
        "Das Material „{name}“ ist auf keinem Objekt: es in der Materialliste eines Objekts wählen."
    ),
    "No maps were derived.": "Es wurden keine Texturen abgeleitet.",
    "The picture is not the base color of a material.": (
        "Das Bild ist nicht die Grundfarbe eines Materials."
    ),
    "There is no texture number {which} in the queue.": (
        "In der Schlange gibt es keine Textur Nummer {which}."
    ),
    "“{name}” was made for “{thing}” and fits no other object: make one for those by Synthesize "
    "on Object.": (
        "„{name}“ wurde für „{thing}“ gemacht und passt auf kein anderes Objekt: für andere eine "
        "mit „Auf Objekt erzeugen“ machen."
    ),
    "“{name}” is no texture that Texcore has made: synthesize one first.": (
        "„{name}“ ist keine Textur, die Texcore gemacht hat: zuerst eine erzeugen."
    ),
    "The recipe of “{name}” is not one that this Texcore can read.": (
        "Das Rezept von „{name}“ ist keines, das dieses Texcore lesen kann."
    ),
    "No material holds “{name}” or what it was made from any more.": (
        "Kein Material hat noch „{name}“ oder das, woraus es gemacht wurde."
    ),
    # What objects, their nodes and derived maps need.
    "“{name}” has {triangles} triangles, and {limit} are the most: make it simpler by a Decimate "
    "modifier, or by fewer subdivisions.": (
        "„{name}“ hat {triangles} Dreiecke, und mehr als {limit} gehen nicht: mit dem Modifikator "
        "Dezimieren oder weniger Unterteilungen vereinfachen."
    ),
    "Parts of “{name}” share the same place in the texture: unwrap it without overlaps (in "
    "Blender: UV › Smart UV Project).": (
        "Teile von „{name}“ liegen in der Textur auf demselben Platz: ohne Überlappungen abwickeln "
        "(in Blender: UV › Smart UV Projekt)."
    ),
    "“{name}” is un-tiled, and a texture for an object lies on it only once: remove the un-tiling "
    "first.": (
        "Die Wiederholung von „{name}“ ist verborgen, und eine Textur für ein Objekt liegt nur "
        "einmal darauf: zuerst die Wiederholung wieder zeigen."
    ),
    "“{name}” is made for an object, on which it does not repeat.": (
        "„{name}“ ist für ein Objekt gemacht und wiederholt sich darauf nicht."
    ),
    "“{name}” does not repeat: set the extension of the Image Texture node to Repeat.": (
        "„{name}“ wiederholt sich nicht: die Erweiterung des Knotens Bildtextur auf „Wiederholen“ "
        "stellen."
    ),
    "“{name}” is projected by {kind}, which cannot be un-tiled: unwrap the object and set the "
    "projection of the Image Texture node to Flat.": (
        "„{name}“ wird projiziert ({kind}), was sich nicht verbergen lässt: das Objekt abwickeln "
        "und die Projektion des Knotens Bildtextur auf „Flach“ stellen."
    ),
    "Nobody knows how often the pattern of “{name}” repeats: say it in Repeats Across and Repeats "
    "Up, or synthesize the texture first.": (
        "Niemand weiß, wie oft sich das Muster von „{name}“ wiederholt: es in „Muster "
        "nebeneinander“ und „Muster übereinander“ sagen oder zuerst die Textur erzeugen."
    ),
    "“{name}” has no Principled BSDF that derived maps could be plugged into.": (
        "„{name}“ hat keinen Principled BSDF, in den sich abgeleitete Texturen stecken ließen."
    ),
    "Nothing colours the Principled BSDF of “{name}”: maps are derived from its base color.": (
        "Nichts färbt den Principled BSDF von „{name}“: Texturen werden aus seiner Grundfarbe "
        "abgeleitet."
    ),
    "The unwrapping of “{name}” leaves the square from 0 to 1: pack its islands into it, or use "
    "UDIM tiles.": (
        "Die Abwicklung von „{name}“ verlässt das Quadrat von 0 bis 1: die Inseln hineinpacken "
        "oder UDIM-Kacheln verwenden."
    ),
    "The unwrapping of “{name}” leaves the UDIM tiles {numbers}: add the tiles that are missing, "
    "or pack its islands into these.": (
        "Die Abwicklung von „{name}“ verlässt die UDIM-Kacheln {numbers}: die fehlenden Kacheln "
        "hinzufügen oder die Inseln in diese packen."
    ),
    "No texel of the texture lies on “{name}”: its islands are too small.": (
        "Kein Texel der Textur liegt auf „{name}“: Die Inseln sind zu klein."
    ),
    "Parts of “{name}” are mirrored in its unwrapping, and normals would be wrong there: turn "
    "these islands over, or leave the normal map out.": (
        "Teile von „{name}“ sind in der Abwicklung gespiegelt, dort wären Normalen falsch: diese "
        "Inseln umdrehen oder die Normal-Map weglassen."
    ),
    "“{name}” cannot be read as an object: export it again, or in another format.": (
        "„{name}“ lässt sich nicht als Objekt lesen: noch einmal oder in einem anderen Format "
        "exportieren."
    ),
    "All faces of “{name}” are without area.": "Alle Flächen von „{name}“ sind ohne Ausdehnung.",
    # The engine.
    "set the engine up, or choose another Python, in Texcore's preferences": (
        "in den Einstellungen von Texcore die Engine einrichten oder ein anderes Python wählen"
    ),
    "The engine is not set up yet: {advice}.": "Die Engine ist noch nicht eingerichtet: {advice}.",
    "The engine Python {path} does not exist: {advice}.": (
        "Das Python der Engine, {path}, gibt es nicht: {advice}."
    ),
    "The engine Python {path} is a folder: choose the program in it, such as bin/python.": (
        "Das Python der Engine, {path}, ist ein Ordner: das Programm darin wählen, etwa bin/python."
    ),
    "The engine Python {path} has no PyTorch: {advice}.": (
        "Das Python der Engine, {path}, hat kein PyTorch: {advice}."
    ),
    "The engine did not start ({why}): {advice}.": (
        "Die Engine ist nicht gestartet ({why}): {advice}."
    ),
    "The engine did not answer in {seconds} s: {advice}.": (
        "Die Engine hat in {seconds} s nicht geantwortet: {advice}."
    ),
    "The engine has said nothing for {seconds} s and was ended: try again.": (
        "Die Engine hat {seconds} s lang nichts gesagt und wurde beendet: noch einmal versuchen."
    ),
    "The engine stopped unexpectedly (exit code {code}).": (
        "Die Engine ist unerwartet zu Ende gegangen (Exit-Code {code})."
    ),
    "The engine does not answer.": "Die Engine antwortet nicht.",
    "The engine's answer makes no sense ({why}): try again.": (
        "Die Antwort der Engine ergibt keinen Sinn ({why}): noch einmal versuchen."
    ),
    # The engine on another computer.
    "There is no engine on {host} yet: choose Set Up There in Texcore's preferences.": (
        "Auf {host} ist noch keine Engine: in den Einstellungen von Texcore „Dort einrichten“."
    ),
    "{host} asks for a password, or its key is not known here: run “ssh {host}” once in a "
    "terminal, and see that it asks for nothing.": (
        "{host} fragt nach einem Passwort, oder sein Schlüssel ist hier nicht bekannt: einmal "
        "„ssh {host}“ in einem Terminal starten, bis es nichts mehr fragt."
    ),
    "{host} has no python3: install Python 3.10 or newer there.": (
        "{host} hat kein python3: dort Python 3.10 oder neuer installieren."
    ),
    "The python3 of {host} is {version}: install Python 3.10 or newer there.": (
        "Das python3 von {host} ist {version}: dort Python 3.10 oder neuer installieren."
    ),
    "The engine on {host} cannot be reached ({why}): try “ssh {host}” in a terminal.": (
        "Die Engine auf {host} ist nicht zu erreichen ({why}): „ssh {host}“ in einem Terminal "
        "versuchen."
    ),
    "The connection to {host} was lost and did not come back: see that it can be reached, and go "
    "on; what was done there is kept for a day.": (
        "Die Verbindung zu {host} ging verloren und kam nicht wieder: dafür sorgen, dass er "
        "erreichbar ist, und weitermachen; was dort getan ist, bleibt einen Tag."
    ),
    "The connection to {host} was lost, and with it what was done there.": (
        "Die Verbindung zu {host} ging verloren, und mit ihr, was dort getan war."
    ),
    "The connection to {host} was lost: try again.": (
        "Die Verbindung zu {host} ging verloren: noch einmal versuchen."
    ),
    "The engine on {host} ends again and again at this texture: choose a smaller size, and look "
    "whether the memory there is full.": (
        "Die Engine auf {host} geht an dieser Textur immer wieder zu Ende: eine kleinere Größe "
        "wählen und nachsehen, ob dort der Speicher voll ist."
    ),
    "The connection was lost: set the engine up again, it goes on from what is there.": (
        "Die Verbindung ging verloren: die Engine noch einmal einrichten, es geht weiter mit dem, "
        "was da ist."
    ),
    "The engine is being set up on {host} already: wait until that is done.": (
        "Auf {host} wird die Engine schon eingerichtet: warten, bis das fertig ist."
    ),
    "The set-up on {host} ended unexpectedly (exit code {code}): set the engine up again.": (
        "Die Einrichtung auf {host} ging unerwartet zu Ende (Exit-Code {code}): noch einmal "
        "einrichten."
    ),
    "Cancelled; nothing was changed.": "Abgebrochen; nichts wurde verändert.",
    # Memory, disks, weights.
    "{width} × {height} takes {taken} of memory and only {free} are free: {advice}.": (
        "{width} × {height} braucht {taken} Speicher, und nur {free} sind frei: {advice}."
    ),
    "close other programs": "andere Programme schließen",
    "choose {width} × {height} at most, or close other programs": (
        "höchstens {width} × {height} wählen oder andere Programme schließen"
    ),
    "The memory of {device} does not hold this run: choose a smaller size, or the CPU.": (
        "Der Speicher von {device} reicht dafür nicht: eine kleinere Größe wählen oder den "
        "Prozessor."
    ),
    "Memory is tight: about {needed} of the {free} that were free. "
    "Close other programs if the machine slows down.": (
        "Der Speicher ist knapp: etwa {needed} von {free}, die frei waren. Andere Programme "
        "schließen, wenn der Rechner langsam wird."
    ),
    "The image cannot be written to Blender's temporary folder ({why}): "
    "make room there, or choose another in Blender's preferences.": (
        "Das Bild lässt sich nicht in Blenders temporären Ordner schreiben ({why}): dort Platz "
        "schaffen oder in Blenders Einstellungen einen anderen wählen."
    ),
    "“{path}” cannot be written: {why}.": "„{path}“ lässt sich nicht schreiben: {why}.",
    "“{path}” cannot be written ({why}): choose another place.": (
        "„{path}“ lässt sich nicht schreiben ({why}): einen anderen Ort wählen."
    ),
    "No space left on device": "kein Platz mehr auf dem Datenträger",
    "Permission denied": "keine Berechtigung",
    "downloads are not allowed": "Herunterladen ist nicht erlaubt",
    "The weights of {network} cannot be fetched ({why}). Connect to the internet, "
    "or choose a file that you have.": (
        "Die Gewichte von {network} sind nicht zu bekommen ({why}). Den Rechner mit dem Internet "
        "verbinden oder in den Einstellungen eine Datei angeben."
    ),
    "The recipe was made with the network {network}, which is not here: choose the file of its "
    "weights.": (
        "Das Rezept wurde mit dem Netz {network} gemacht, das nicht hier ist: die Datei seiner "
        "Gewichte wählen."
    ),
    "“{name}” belongs to a run with another exemplar, other settings or another version: delete "
    "it, or start anew.": (
        "„{name}“ gehört zu einem Lauf mit anderem Vorbild, anderen Einstellungen oder anderer "
        "Version: löschen oder neu beginnen."
    ),
    "“{name}” is damaged: delete it, or start anew.": (
        "„{name}“ ist beschädigt: löschen oder neu beginnen."
    ),
    "The checkpoint does not fit this run: start anew.": (
        "Der Zwischenstand passt nicht zu diesem Lauf: neu beginnen."
    ),
    "A sketch has no checkpoint: start anew.": (
        "Eine Skizze hat keinen Zwischenstand: neu beginnen."
    ),
    "Two maps would be saved as “{path}”: choose another name.": (
        "Zwei Maps kämen in dieselbe Datei „{path}“: einen anderen Namen wählen."
    ),
    "“{path}” is there already: choose another folder, or move it.": (
        "„{path}“ ist schon da: einen anderen Ordner wählen oder es verschieben."
    ),
    "The weights file {path} does not exist: choose another one.": (
        "Die Datei der Gewichte, {path}, gibt es nicht: eine andere wählen."
    ),
    "Draft quality only, by random filters: the network's weights are not on this computer. "
    "Allow online access, or run “build.py setup”, once.": (
        "Nur ein Entwurf, mit zufälligen Filtern: Die Gewichte des Netzes sind nicht auf diesem "
        "Rechner. Einmal den Online-Zugriff erlauben."
    ),
    "Draft quality only: random filters stand in for the trained network.": (
        "Nur ein Entwurf: Zufällige Filter vertreten das trainierte Netz."
    ),
    # What the user should know of a texture.
    "The photo changes from top to bottom": "Das Foto ändert sich von oben nach unten",
    "The photo changes from left to right": "Das Foto ändert sich von links nach rechts",
    "{change}, so the texture has patches of all: keep the change with progress {axis}, "
    "or learn from the even part only.": (
        "{change}, darum hat die Textur Flecken von allem: mit dem Verlauf {axis} die Änderung "
        "behalten oder nur vom gleichmäßigen Teil lernen."
    ),
    "Of the photo's {width} × {height} pixels the {wide} × {high} from ({left}, {top}) on were "
    "used, as one texture.": (
        "Von den {width} × {height} Pixeln des Fotos wurden {wide} × {high} ab ({left}, {top}) "
        "benutzt, als eine Textur."
    ),
    "Stopped after {done} of {planned} evaluations; its recipe makes the finished texture.": (
        "Nach {done} von {planned} Auswertungen beendet; ihr Rezept macht die fertige Textur."
    ),
    "The exemplar's lines lean or converge: it was straightened first. "
    "Turn “Straighten” off to keep it as it is.": (
        "Die Linien des Vorbilds stehen schief oder laufen zusammen: Es wurde zuerst begradigt. "
        "Ohne „Begradigen“ bleibt es, wie es ist."
    ),
    "The exemplar repeats: it was scaled to {across} in width and {up} in height, "
    "so that whole periods fit.": (
        "Das Vorbild wiederholt sich: Es wurde auf {across} der Breite und {up} der Höhe gebracht, "
        "damit ganze Perioden passen."
    ),
    "Gone on after {done} evaluations.": "Nach {done} Auswertungen weitergemacht.",
    "A sketch is sewn of the photo's own pieces: no model has a part in it.": (
        "Eine Skizze wird aus Stücken des Fotos genäht: Ein Modell ist nicht dabei."
    ),
    "On an object the default model is used.": "Auf einem Objekt gilt das Standardmodell.",
    "“{name}” has no solid texture.": "„{name}“ hat keine massive Textur.",
    "A solid texture is made by the default model.": (
        "Eine massive Textur wird mit dem Standardmodell gemacht."
    ),
    "The photo has fewer pixels than the solid texture would need: choose a larger span, or fewer "
    "voxels.": (
        "Das Foto hat weniger Pixel, als die massive Textur bräuchte: einen größeren Ausschnitt "
        "oder weniger Voxel wählen."
    ),
    "A solid texture of {side} voxels a side takes {taken} of memory and only {free} are free: "
    "choose fewer voxels, or close other programs.": (
        "Eine massive Textur mit {side} Voxeln je Kante braucht {taken} Speicher, frei sind nur "
        "{free}: weniger Voxel wählen oder andere Programme schließen."
    ),
    "The object or its unwrapping has changed since the recipe was made, so the texture is "
    "another.": (
        "Das Objekt oder seine Abwicklung ist seit dem Rezept verändert, darum ist die Textur eine "
        "andere."
    ),
    # What was made.
    "“{name}”, {width} × {height}, made in {seconds} s.": (
        "„{name}“, {width} × {height}, in {seconds} s gemacht."
    ),
    "“{name}”: {count} maps, {width} × {height}, made in {seconds} s.": (
        "„{name}“: {count} Texturen, {width} × {height}, in {seconds} s gemacht."
    ),
    "Its node has changed meanwhile and was left alone.": (
        "Sein Knoten ist inzwischen ein anderer und blieb, wie er ist."
    ),
    "Nodes have changed meanwhile and were left alone: {names}.": (
        "Diese Knoten sind inzwischen andere und blieben, wie sie sind: {names}."
    ),
    "The last preview is kept: {width} × {height} pixels.": (
        "Die letzte Vorschau wurde behalten: {width} × {height} Pixel."
    ),
    # What was done with it.
    "“{name}” is in the node.": "„{name}“ ist im Knoten.",
    "Showing “{name}”.": "Zu sehen ist „{name}“.",
    "Nodes that got “{name}”: {count}.": "Knoten, die „{name}“ bekommen haben: {count}.",
    "Nodes that got “{name}” or a map made with it: {count}.": (
        "Knoten, die „{name}“ oder eine mit ihr gemachte Textur bekommen haben: {count}."
    ),
    "Objects that got “{name}”: {count}.": "Objekte, die „{name}“ bekommen haben: {count}.",
    "Saved “{path}”.": "„{path}“ gespeichert.",
    "Saved {count} maps beside “{path}”.": "{count} Texturen neben „{path}“ gespeichert.",
    "Passed over: {names}.": "Übergangen: {names}.",
    "“{name}”: {maps} un-tiled, {samples} samples a map.": (
        "„{name}“: Wiederholung von {maps} verborgen, {samples} Abtastungen je Textur."
    ),
    "{maps} with other coordinates left alone.": (
        "Mit anderen Koordinaten und so gelassen: {maps}."
    ),
    "“{name}”: {maps} as before.": "„{name}“: {maps} wie zuvor.",
    "1 map": "1 Textur",
    "{count} maps": "{count} Texturen",
    "“{name}” is in the Image Editor.": "„{name}“ ist im Bildeditor.",
    "“{name}” is in the material “{material}”.": "„{name}“ ist im Material „{material}“.",
    "“{name}” is in the new material “{material}”.": (
        "„{name}“ ist im neuen Material „{material}“."
    ),
    "The new material “{name}” is on no object: select one that takes a material.": (
        "Das neue Material „{name}“ ist auf keinem Objekt: eines auswählen, das ein Material "
        "annimmt."
    ),
    # What the engine is found to be, and how its set-up ended.
    "The engine is ready.": "Die Engine ist bereit.",
    "The engine is not ready yet.": "Die Engine ist noch nicht bereit.",
    "The network's weights are here.": "Die Gewichte des Netzes sind da.",
    "The engine is ready, but the network's weights could not be fetched: textures are drafts "
    "until they are there.": (
        "Die Engine ist bereit, aber die Gewichte des Netzes waren nicht zu haben: Bis sie da "
        "sind, werden Texturen Entwürfe."
    ),
    # Check Engine, line by line.
    "Python {version} at {path}": "Python {version} unter {path}",
    "computes on {device}, {card}, in {precision}": "rechnet auf {device}, {card}, in {precision}",
    "weights: none yet in {folder}; the first run fetches them, or run “python -m texcore "
    "weights”": "Gewichte: noch keine in {folder}; die erste Textur holt sie",
    "weights: {network} in {folder}": "Gewichte: {network} in {folder}",
    "{width} × {height} takes about {seconds} s": "{width} × {height} dauert etwa {seconds} s",
    # What keeps a set-up from ending well.
    "PyTorch cannot use the graphics card here, so the processor does the work.": (
        "PyTorch kann die Grafikkarte hier nicht benutzen, darum rechnet der Prozessor."
    ),
    "The disk of {folder} has {free} GB free, and {needed} GB are needed: make room, or choose a "
    "folder on another disk.": (
        "Auf dem Datenträger von {folder} sind {free} GB frei, und {needed} GB werden gebraucht: "
        "Platz schaffen oder einen Ordner auf einem anderen wählen."
    ),
    "The disk is full: make room, or choose a folder on another disk.": (
        "Der Datenträger ist voll: Platz schaffen oder einen Ordner auf einem anderen wählen."
    ),
    "A path became too long for Windows: choose a folder with a short name.": (
        "Ein Pfad wurde zu lang für Windows: einen Ordner mit kurzem Namen wählen."
    ),
    "A package in the index is not the one that Texcore was released with (its hash is another): "
    "try again, or install from a folder of wheels that you trust.": (
        "Ein Paket im Index ist nicht das, mit dem Texcore veröffentlicht wurde (sein Hash ist ein "
        "anderer): noch einmal versuchen oder aus einem Ordner mit Wheels installieren, dem zu "
        "trauen ist."
    ),
    "The server's certificate is not trusted here, as behind some company networks: ask for the "
    "certificate's file and name it in SSL_CERT_FILE, or install from a folder of wheels.": (
        "Dem Zertifikat des Servers wird hier nicht vertraut, wie hinter manchen Firmennetzen: "
        "nach der Datei des Zertifikats fragen und sie in SSL_CERT_FILE nennen oder aus einem "
        "Ordner mit Wheels installieren."
    ),
    "The package index cannot be reached: look at the internet connection and try again, or "
    "install from a folder of wheels.": (
        "Der Paketindex ist nicht zu erreichen: nach der Internetverbindung sehen und noch einmal "
        "versuchen oder aus einem Ordner mit Wheels installieren."
    ),
    "There is no build of the engine's packages for this Python and computer: choose another "
    "Python, or install from a folder of wheels.": (
        "Für dieses Python und diesen Rechner gibt es die Pakete der Engine nicht: ein anderes "
        "Python wählen oder aus einem Ordner mit Wheels installieren."
    ),
    "Set-up stopped; what was downloaded is kept for the next time.": (
        "Die Einrichtung wurde abgebrochen; was geladen ist, bleibt für das nächste Mal."
    ),
    "The set-up was interrupted. Start it again: it goes on from what is there.": (
        "Die Einrichtung wurde unterbrochen. Noch einmal starten: Sie setzt fort, was da ist."
    ),
    # What is being done.
    "Waiting for the engine": "Warten auf die Engine",
    "Keeping the texture as it is": "Die Textur wird behalten, wie sie ist",
    "Sewn from the photo": "Aus dem Foto genäht",
    "Sewn": "Genäht",
    "Blended": "Überblendet",
    "Laying out": "Anordnen",
    "Shaping": "Formen",
    "Detailing": "Ausarbeiten",
    "{stage} at {width} × {height}": "{stage} bei {width} × {height}",
    "Connecting to {host} again": "{host} wird neu verbunden",
    "Fetching the texture ({percent} %)": "Die Textur wird geholt ({percent} %)",
    "Sending pictures ({percent} %)": "Bilder werden gesendet ({percent} %)",
}
_GAP = re.compile(r"\{(\w+)\}")
# Gaps that hold nothing but figures.
_FIGURES = {
    *("width", "height", "wide", "high", "left", "top", "columns", "rows", "largest"),
    *("least", "most", "count", "which", "samples", "done", "planned", "seconds"),
}
# Gaps that hold other sentences; what is in all others, such as a name, is left as it is.
_WORDS = {"advice", "change", "maps", "others", "stage", "tiles", "why", "the_rest"}
# No message is longer (`messages.SENTENCE_LETTERS`); patterns with gaps would take long for it.
_MOST_LETTERS = 2000


def translate(text: str, speak: Callable[[str], str | None]) -> str:
    """Return a message in another language, sentence by sentence as far as they are known.

    Args:
        text: One sentence of `SENTENCES` with its gaps filled, or several with spaces between them.
        speak: Returns a sentence of `SENTENCES`, with its gaps, in the other language; None or the
            same for one that it does not know.
    """
    if not text or len(text) > _MOST_LETTERS:
        return text
    for sentence in SENTENCES:
        found = _make_pattern(sentence).fullmatch(text)
        if found is None:
            continue
        other = speak(sentence)
        if other is None or other == sentence:
            return text
        gaps = {
            name: translate(value, speak) if name in _WORDS else value
            for name, value in found.groupdict().items()
            if value
        }
        rest = gaps.pop("the_rest", "")
        said = _fill(other, gaps)
        return f"{said} {rest}" if rest else said
    return text


def _fill(sentence: str, gaps: Mapping[str, str]) -> str:
    """Put what stands in them into the gaps of a sentence."""
    return _GAP.sub(lambda gap: gaps.get(gap.group(1), ""), sentence)


@functools.cache
def _make_pattern(sentence: str) -> re.Pattern[str]:
    """Make the pattern of a sentence, which others may follow."""
    parts, seen, end = [], set[str](), 0
    for gap in _GAP.finditer(sentence):
        name = gap.group(1)
        is_quoted = sentence[: gap.start()].endswith("“")
        what = r"\d+" if name in _FIGURES else "[^“”]+" if is_quoted else ".+?"
        parts += [
            re.escape(sentence[end : gap.start()]),
            f"(?P={name})" if name in seen else f"(?P<{name}>{what})",
        ]
        seen.add(name)
        end = gap.end()
    parts.append(re.escape(sentence[end:]))
    rest = r"(?: (?P<the_rest>.+))?" if sentence.endswith(".") else ""
    return re.compile("".join(parts) + rest)
