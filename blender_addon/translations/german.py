"""Texcore's words in German: what Blender shows, as it is in the sources, and what it means."""

from __future__ import annotations

#: Names of operators, on buttons and in menus.
OPERATORS = {
    "Apply Texcore Preset": "Texcore-Vorlage anwenden",
    "Add Texcore Preset": "Texcore-Vorlage hinzufügen",
    "Synthesize Again": "Noch einmal erzeugen",
    "Un-Tile": "Wiederholung verbergen",
    "Remove Un-Tiling": "Wiederholung wieder zeigen",
    "Synthesize Again, Larger": "Noch einmal erzeugen, größer",
    "Assign To": "Zuweisen an",
    "Assign Texture": "Textur zuweisen",
    "Cancel Synthesis": "Erzeugung abbrechen",
    "Keep as It Is": "So behalten",
    "Resume": "Weitermachen",
    "Variations": "Varianten",
    "Synthesize on Object": "Auf Objekt erzeugen",
    "Smart UV Project": "Smart UV Project",
    "Synthesize Solid": "Massiv erzeugen",
    "Remove Solid Texture": "Massive Textur entfernen",
    "Synthesize Selected Objects": "Für ausgewählte Objekte erzeugen",
    "Draw Rectangle": "Rechteck ziehen",
    "Learn From the Even Part": "Vom gleichmäßigen Teil lernen",
    "Compare Variations": "Varianten vergleichen",
    "Discard Other Variations": "Andere Varianten verwerfen",
    "Discard the Others": "Die anderen verwerfen",
    "Side by Side": "Nebeneinander",
    "Use": "Nehmen",
    "Choose Texture": "Textur auswählen",
    "Open Picture": "Bild öffnen",
    "Show on the Object": "Auf dem Objekt zeigen",
    "Find Missing File": "Fehlende Datei suchen",
    "Cancel Set-Up": "Einrichtung abbrechen",
    "Check Engine": "Engine prüfen",
    "Allow Online Access": "Online-Zugriff erlauben",
    "Use an Existing Python…": "Vorhandenes Python benutzen…",
    "Compare Old and New": "Alt und neu vergleichen",
    "Copy Log": "Protokoll kopieren",
    "Mark Texture's Material as Asset": "Material der Textur als Asset markieren",
    "New Texcore Material from Pictures": "Neues Texcore-Material aus Bildern",
    "New Seed": "Neuer Startwert",
    "Paint a Repair Mask": "Ausbesserungsmaske malen",
    "Remove Engine": "Engine entfernen",
    "Remove Weights": "Gewichte entfernen",
    "Save Texture": "Textur speichern",
    "Set Up Engine": "Engine einrichten",
    "Set Up There": "Dort einrichten",
    "Repair Engine": "Engine reparieren",
    "Install from a Folder of Wheels…": "Aus Ordner mit Wheels…",
    "Make Local": "Lokal machen",
    "Half the Size": "Halbe Größe",
    "Quicker Quality": "Schnellere Qualität",
    "Stop Engine": "Engine beenden",
    "Synthesize Texture": "Textur erzeugen",
    "Repair Texture": "Textur ausbessern",
    "Material from Maps": "Material aus Texturen",
    "Synthesize Material": "Material erzeugen",
    "Queue Another": "Noch eine anstellen",
    "Preferences": "Einstellungen",
    "Fetch Weights": "Gewichte holen",
    "Larger": "Größer",
    "Show Old": "Alte zeigen",
    "Show New": "Neue zeigen",
    "Show Other": "Andere zeigen",
    "Use Here": "Hier verwenden",
    "Save…": "Speichern…",
    "Mark Asset": "Als Asset",
    "Cancel": "Abbrechen",
    "Remove": "Entfernen",
    "Update": "Aktualisieren",
    "Repair": "Reparieren",
    "Go On": "Fortsetzen",
    "Choose a Folder": "Ordner wählen",
}

#: Titles, and the preferences. The settings have their German themselves, and so do their choices.
PREFERENCES = {
    "Texcore material": "Texcore-Material",
    "Presets": "Vorlagen",
    "Advanced": "Erweitert",
    "Repair": "Ausbessern",
    "Mix and Regions": "Mischung und Bereiche",
    "W × H": "B × H",
    "Engine Folder": "Ordner der Engine",
    "Where the engine is set up: in a folder tx there, if it holds anything else. Empty: a folder "
    "of the extension's own. On Windows, choose one with a short name": (
        "Wo die Engine eingerichtet wird: in einem Ordner tx darin, wenn er anderes enthält. Leer: "
        "ein eigener Ordner der Erweiterung. Unter Windows einen mit kurzem Namen wählen"
    ),
    "Engine Python": "Python der Engine",
    "A Python that has PyTorch, instead of the engine that Texcore sets up": (
        "Ein Python, das PyTorch hat, statt der Engine, die Texcore einrichtet"
    ),
    "What the engine works with": "Womit die Engine arbeitet",
    "The network that sees the texture": "Das Netz, das die Textur sieht",
    "Weights File": "Datei der Gewichte",
    "A VGG-16 or VGG-19 as torchvision publishes it (.pth), or as .safetensors": (
        "Ein VGG-16 oder VGG-19, wie torchvision es veröffentlicht (.pth), oder als .safetensors"
    ),
    "Other Computer": "Anderer Rechner",
    "A computer that your ssh reaches without a password, as ~/.ssh/config names it, or user@host: "
    "the engine works there. Empty: on this one": (
        "Ein Rechner, den Ihr ssh ohne Passwort erreicht, wie ~/.ssh/config ihn nennt, oder "
        "benutzer@rechner: Dort arbeitet die Engine. Leer: auf diesem"
    ),
    "The engine works on {host}.": "Die Engine arbeitet auf {host}.",
    "Fetch what Texcore works with, on the other computer, into a folder of its own there. "
    "You can go on working": (
        "Auf dem anderen Rechner holen, womit Texcore arbeitet, in einen eigenen Ordner dort. "
        "Sie können weiterarbeiten"
    ),
    "Rest After": "Ausruhen nach",
    "Minutes without work after which the engine is ended and its memory is free; the next texture "
    "starts it again. 0: never": (
        "Minuten ohne Arbeit, nach denen die Engine beendet wird und ihr Speicher frei ist; die "
        "nächste Textur startet sie wieder. 0: nie"
    ),
}

#: Operators: what they do, their settings and what is said about those.
DOING = {
    "Set what the preset is about; seed, model and all other settings stay.": (
        "Einstellen, worum es der Vorlage geht; Startwert, Modell und alles andere bleibt."
    ),
    "Preset": "Vorlage",
    "Which of those that come with Texcore": "Welche von denen, die mit Texcore kommen",
    "Keep the panel's settings, all but the seed, as a preset, or remove one.": (
        "Die Einstellungen der Leiste außer dem Startwert als Vorlage behalten oder eine entfernen."
    ),
    "Name": "Name",
    "Name of the preset, used to make the path name": (
        "Name der Vorlage, aus dem auch der Dateiname wird"
    ),
    "Make a texture again from its recipe, with another seed or larger.": (
        "Eine Textur aus ihrem Rezept noch einmal machen, mit anderem Startwert oder größer."
    ),
    "Name of a texture that Texcore has made. Empty: the one in the node": (
        "Name einer Textur, die Texcore gemacht hat. Leer: die im Knoten"
    ),
    "How many times as wide and as high as it is": "Wievielmal so breit und hoch wie jetzt",
    "Of the new texture. -1: any other; -2: the same": (
        "Der neuen Textur. -1: irgendein anderer; -2: derselbe"
    ),
    "Give a texture that has been made to a node, to all users of its image, or to objects.": (
        "Eine fertige Textur einem Knoten, allen Nutzern ihres Bildes oder Objekten geben."
    ),
    "To": "An",
    "Who gets the texture": "Wer die Textur bekommt",
    "This Node": "Diesen Knoten",
    "The Image Texture node that the panel names": "Den Bildtextur-Knoten, den die Leiste nennt",
    "All Users": "Alle Nutzer",
    "Every node that holds the old image or a texture made of it": (
        "Jeden Knoten mit dem alten Bild oder einer Textur daraus"
    ),
    "Selected Objects": "Ausgewählte Objekte",
    "A material with the texture, on every selected object": (
        "Ein Material mit der Textur auf jedem ausgewählten Objekt"
    ),
    "New Material": "Neues Material",
    "A new material with the texture, on the active object": (
        "Ein neues Material mit der Textur auf dem aktiven Objekt"
    ),
    "Stop making the texture; Esc over an editor does the same.": (
        "Die Textur nicht weiter machen; Esc über einem Editor tut dasselbe."
    ),
    "Go on with the texture that was cancelled last, from where it was.": (
        "Mit der zuletzt abgebrochenen Textur weitermachen, wo sie war."
    ),
    "Learn from a picture on disk, or use it as a second exemplar or as regions.": (
        "Von einem Bild auf der Platte lernen oder es als zweites Vorbild oder Bereiche nehmen."
    ),
    "Choose this texture in the list.": "Diese Textur in der Liste auswählen.",
    "Make several textures with seeds and arrangements of their own, to be seen side by side and "
    "chosen from": (
        "Mehrere Texturen mit eigenen Startwerten und Anordnungen machen, sie nebeneinander sehen "
        "und auswählen"
    ),
    "Make a new texture for each material of the selected objects, one after another; materials "
    "with the same image share it": (
        "Für jedes Material der ausgewählten Objekte eine neue Textur machen, eine nach der "
        "anderen; Materialien mit demselben Bild teilen sie"
    ),
    "Drag a rectangle over the photo in the Image Editor; the texture is learnt from it alone.": (
        "Im Bildeditor ein Rechteck über das Foto ziehen; nur daraus wird die Textur gelernt."
    ),
    "Ask for a texture of the largest part of the photo that is one texture.": (
        "Eine Textur aus dem größten Teil des Fotos verlangen, der eine einzige Textur ist."
    ),
    "Remove the variations that were made with this one from the file, where nobody uses them.": (
        "Die Varianten, die mit dieser gemacht wurden, aus der Datei entfernen, wo niemand sie "
        "benutzt."
    ),
    "Show the variations side by side over this editor, to click on the one to use.": (
        "Die Varianten über diesem Editor nebeneinander zeigen, um eine anzuklicken."
    ),
    "Count": "Anzahl",
    "How many": "Wie viele",
    "What it is for": "Wofür es ist",
    "Show the texture on the object in this 3D View, whose solid shading hides it.": (
        "Die Textur auf dem Objekt in dieser 3D-Ansicht zeigen, deren Schattierung „Solide“ sie "
        "verbirgt."
    ),
    "This editor is no 3D View that hides textures": (
        "Dieser Editor ist keine 3D-Ansicht, die Texturen verbirgt"
    ),
    "Learn from It": "Davon lernen",
    "Put it into the material of the active object": (
        "Es in das Material des aktiven Objekts setzen"
    ),
    "Which": "Welche",
    "Place in the queue of the texture to cancel; 0 is the one being made": (
        "Platz der Textur in der Schlange; 0 ist die, an der gearbeitet wird"
    ),
    "End the work now and put the texture as it is into the node, at full size": (
        "Die Arbeit jetzt beenden und die Textur, wie sie ist, in voller Größe in den Knoten setzen"
    ),
    "Stop setting the engine up; what was downloaded is kept for the next time.": (
        "Die Engine nicht weiter einrichten; was geladen ist, bleibt für das nächste Mal."
    ),
    "Start the engine and ask whether everything it needs is there.": (
        "Die Engine starten und fragen, ob alles da ist, was sie braucht."
    ),
    "Choose the Python program of an environment that has PyTorch, and check it": (
        "Das Python einer Umgebung wählen, die PyTorch hat, und es prüfen"
    ),
    "Python": "Python",
    "Swap the new texture in the node with the image before it, and back.": (
        "Die neue Textur im Knoten gegen das Bild davor tauschen und zurück."
    ),
    "Copy what went wrong and the engine's last lines, for a bug report.": (
        "Kopieren, was schiefging, und die letzten Zeilen der Engine, für einen Fehlerbericht."
    ),
    "Copy everything that the set-up's programs said, for a bug report.": (
        "Alles kopieren, was die Programme der Einrichtung sagten, für einen Fehlerbericht."
    ),
    "Put the material with this texture into the Asset Browser, with tags and a preview.": (
        "Das Material mit dieser Textur in den Asset-Browser stellen, mit Stichworten und Vorschau."
    ),
    "Make a material with a new texture from each picture, for the selected objects; for the one "
    "under the pointer if it is dropped": (
        "Aus jedem Bild ein Material mit neuer Textur machen, für die ausgewählten Objekte; wird "
        "es fallen gelassen, für das unter dem Zeiger"
    ),
    "Folder": "Ordner",
    "Of the files": "Der Dateien",
    "Files": "Dateien",
    "Names of the pictures in the folder": "Namen der Bilder im Ordner",
    "Put on Selected Objects": "Auf ausgewählte Objekte",
    "Give the material to the selected objects; of several pictures, the first object gets the "
    "first, the second the second, and so on in turn": (
        "Das Material den ausgewählten Objekten geben; bei mehreren Bildern bekommt das erste "
        "Objekt das erste, das zweite das zweite, und so reihum"
    ),
    "Another seed, another texture.": "Ein anderer Startwert, eine andere Textur.",
    "Delete the engine's environment from the disk; textures and settings stay.": (
        "Die Umgebung der Engine von der Platte löschen; Texturen und Einstellungen bleiben."
    ),
    "Delete the weights that can be fetched again from the disk; networks of your own stay.": (
        "Die Gewichte, die wieder geholt werden können, von der Platte löschen; eigene Netze "
        "bleiben."
    ),
    "Save a texture that has been made as a PNG or OpenEXR file.": (
        "Eine fertige Textur als PNG- oder OpenEXR-Datei speichern."
    ),
    "File Path": "Dateipfad",
    "Filepath used for exporting the file": "Dateipfad, unter dem gespeichert wird",
    "Format": "Format",
    "Of the file": "Der Datei",
    "PNG, 8 bits": "PNG, 8 Bit",
    "Small; for colour": "Klein; für Farbe",
    "PNG, 16 bits": "PNG, 16 Bit",
    "For height and whatever is worked on further": (
        "Für Höhen und alles, was weiter bearbeitet wird"
    ),
    "OpenEXR": "OpenEXR",
    "Numbers as they are; colour as linear light": (
        "Die Zahlen, wie sie sind; Farbe als lineares Licht"
    ),
    "For": "Für",
    "Which engine the maps are packed and named for": (
        "Für welche Engine die Texturen gepackt und benannt werden"
    ),
    "Separate": "Einzeln",
    "A file for each map, as it is": "Eine Datei für jede Textur, wie sie ist",
    "Keep Packed": "Gepackt lassen",
    "Leave the texture in this file too, instead of reading it from the new one": (
        "Die Textur auch in dieser Datei lassen, statt sie aus der neuen zu lesen"
    ),
    "All Maps": "Alle Texturen",
    "Save all maps that were made with it too, beside it": (
        "Auch alle Texturen, die mit ihr gemacht wurden, daneben speichern"
    ),
    "Fetch what Texcore works with into a folder of its own. You can go on working, and even close "
    "Blender": (
        "Holen, womit Texcore arbeitet, in einen eigenen Ordner. Man kann weiterarbeiten und sogar "
        "Blender schließen"
    ),
    "Folder of Wheels": "Ordner mit Wheels",
    "Install from the files in this folder, without a network": (
        "Aus den Dateien in diesem Ordner installieren, ohne Netz"
    ),
    "Anew": "Neu",
    "Make a new environment with the newest versions; the old one is then deleted": (
        "Eine neue Umgebung mit den neuesten Versionen machen; danach wird die alte gelöscht"
    ),
    "Make everything anew, with what it is made with": (
        "Alles neu machen, auch das, womit es gemacht wird"
    ),
    "Only the Weights": "Nur die Gewichte",
    "Only fetch the network's weights": "Nur die Gewichte des Netzes holen",
    "Choose a folder that holds PyTorch and everything else that the engine needs as wheels, as "
    "“pip download” makes it on another computer": (
        "Einen Ordner wählen, der PyTorch und alles übrige, was die Engine braucht, als Wheels "
        "enthält, wie ihn „pip download“ auf einem anderen Rechner macht"
    ),
    "Make the material, its node groups and its images this file's own, to be changed.": (
        "Das Material, seine Gruppen und seine Bilder dieser Datei zu eigen machen, damit sie sich "
        "ändern lassen."
    ),
    "Ask for half the width and height.": "Die halbe Breite und Höhe verlangen.",
    "Ask for the quicker quality.": "Die schnellere Qualität verlangen.",
    "Stop the engine and give its memory back; the next texture starts it again.": (
        "Die Engine beenden und ihren Speicher freigeben; die nächste Textur startet sie wieder."
    ),
    "Make a new texture from this image and put it into the same node": (
        "Aus diesem Bild eine neue Textur machen und in denselben Knoten setzen"
    ),
    "Make a material of a folder of maps and give it to the selected objects": (
        "Aus einem Ordner mit Texturen ein Material machen und den ausgewählten Objekten geben"
    ),
    "Make all maps anew on the way": "Dabei alle Texturen neu machen",
    "Synthesize": "Erzeugen",
    "Make all maps of this material anew, so that they belong together": (
        "Alle Texturen dieses Materials neu machen, sodass sie zusammengehören"
    ),
}

#: Un-tiling.
UNTILING = {
    "Hide by nodes that this texture repeats on a large surface": (
        "Durch Knoten verbergen, dass sich diese Textur auf einer großen Fläche wiederholt"
    ),
    "Take the nodes that hide the repetition out again": (
        "Die Knoten, die die Wiederholung verbergen, wieder herausnehmen"
    ),
    "Name of the material. Empty: the active one": "Name des Materials. Leer: das aktive",
    "Method": "Verfahren",
    "How the pieces of the texture are laid": "Wie die Stücke der Textur gelegt werden",
    "By whole patterns where Texcore knows them; else turned if there are normals or heights; a "
    "photo alone is not turned, for it has its light in it": (
        "Um ganze Muster, wo Texcore sie kennt; sonst gedreht, wenn es Normalen oder Höhen gibt; "
        "ein Foto allein wird nicht gedreht, denn es hat sein Licht in sich"
    ),
    "Turned": "Gedreht",
    "Shifted and turned at will: gravel, grass, rust": (
        "Beliebig verschoben und gedreht: Kies, Gras, Rost"
    ),
    "Shifted": "Verschoben",
    "Shifted at will, not turned: bark, and photos lit aslant": (
        "Beliebig verschoben, nicht gedreht: Rinde und schräg beleuchtete Fotos"
    ),
    "Whole Patterns": "Ganze Muster",
    "Shifted by whole patterns: bricks, weave": "Um ganze Muster verschoben: Ziegel, Gewebe",
    "Cell Size": "Größe der Stücke",
    "Size of a piece, as a share of the texture's height": (
        "Größe eines Stücks als Anteil der Texturhöhe"
    ),
    "Turn": "Drehung",
    "Repeats Across": "Muster nebeneinander",
    "How many patterns lie side by side in the texture. 0: what Texcore knows": (
        "Wie viele Muster in der Textur nebeneinander liegen. 0: was Texcore weiß"
    ),
    "Repeats Up": "Muster übereinander",
    "How many patterns lie one above the other. 0: what Texcore knows": (
        "Wie viele Muster übereinander liegen. 0: was Texcore weiß"
    ),
    "Per Object": "Je Objekt anders",
    "Lay the texture otherwise on each object": "Die Textur auf jedem Objekt anders legen",
    "Another seed, another arrangement": "Ein anderer Startwert, eine andere Anordnung",
    "Hides that the texture repeats on a large surface, with {n} samples a map.": (
        "Verbirgt, dass sich die Textur auf einer großen Fläche wiederholt, mit {n} Abtastungen je "
        "Textur."
    ),
    "{n} samples a map": "{n} Abtastungen je Textur",
}

#: Solid textures.
SOLIDS = {
    "Make a texture that goes through the object, as stone or foam does: no UV map is needed, and "
    "every cut looks like the photo": (
        "Eine Textur machen, die durch das Objekt hindurchgeht, wie Stein oder Schaum: ohne "
        "UV-Map, und jeder Schnitt sieht aus wie das Foto"
    ),
    "Take the solid texture out of the material; the image takes its place again": (
        "Die massive Textur aus dem Material nehmen; das Bild kommt wieder an ihre Stelle"
    ),
    "“{name}” is as before.": "„{name}“ ist wie zuvor.",
    "Solid": "Massiv",
    "Amount": "Anteil",
    "There is no sketch of a solid texture: choose another quality.": (
        "Von einer massiven Textur gibt es keine Skizze: eine andere Qualität wählen."
    ),
    "A solid texture fits every object: leave the object's name out.": (
        "Eine massive Textur passt jedem Objekt: den Namen des Objekts weglassen."
    ),
    "A solid texture is made of one photo: empty Mix With, Regions and Repair Mask, and make "
    "Everything new.": (
        "Eine massive Textur wird aus einem Foto gemacht: „Mischen mit“, „Bereiche“ und „Maske“ "
        "leeren und alles neu machen."
    ),
    "“{name}” has UDIM tiles: a solid texture is made of one picture.": (
        "„{name}“ hat UDIM-Kacheln: Eine massive Textur wird aus einem einzigen Bild gemacht."
    ),
    "“{name}” is in no material's node: a solid texture takes the place of one in a material.": (
        "„{name}“ steht in keinem Knoten eines Materials: Eine massive Textur tritt an die Stelle "
        "eines solchen."
    ),
}

#: Sentences in panels, and why a button is grey.
SENTENCES = {
    "Seed {seed}": "Startwert {seed}",
    "Page of {count}": "Seite von {count}",
    "Synthesize {name}": "{name} erzeugen",
    "Synthesize Material {name}": "Material {name} erzeugen",
    "Keep {name}": "{name} behalten",
    "Weights": "Gewichte",
    "{size}, {count} maps": "{size}, {count} Texturen",
    "Yes": "Ja",
    "No": "Nein",
    "Synthesize Material, {count} Maps": "{count} Texturen erzeugen",
    "Synthesize Texture + 1 Map": "Textur + 1 erzeugen",
    "Synthesize Texture + {count} Maps": "Textur + {count} erzeugen",
    "Repair Material, {count} Maps": "{count} Texturen ausbessern",
    "Repair Texture + 1 Map": "Textur + 1 ausbessern",
    "Repair Texture + {count} Maps": "Textur + {count} ausbessern",
    "All {count} Maps": "Alle {count} Texturen",
    "The material has it already: {names}": "Das Material hat es schon: {names}",
    "About {time} on {device}": "Etwa {time} auf {device}",
    "Draft instead: about {time}": "Lieber ein Entwurf: etwa {time}",
    "Sketch instead: about {time}": "Lieber eine Skizze: etwa {time}",
    "Texcore needs its engine, once.": "Texcore braucht einmal seine Engine.",
    "Texcore needs its engine, once: {what}, {download} GB to download, {disk} GB on disk.": (
        "Texcore braucht einmal seine Engine: {what}, {download} GB zu laden, {disk} GB auf der "
        "Platte."
    ),
    "PyTorch for the NVIDIA card found here": "PyTorch für die NVIDIA-Karte, die hier ist",
    "PyTorch for the AMD card found here": "PyTorch für die AMD-Karte, die hier ist",
    "PyTorch for Apple's processors": "PyTorch für Apples Prozessoren",
    "PyTorch for the processor": "PyTorch für den Prozessor",
    "Starting": "Es beginnt",
    "Fetching the installer": "Das Installationsprogramm wird geholt",
    "Preparing Python": "Python wird vorbereitet",
    "Installing PyTorch": "PyTorch wird installiert",
    "Fetching the network's weights": "Die Gewichte des Netzes werden geholt",
    "Trying the engine": "Die Engine wird ausprobiert",
    "Cleaning up": "Es wird aufgeräumt",
    "You can go on working, and even close Blender.": (
        "Man kann weiterarbeiten und sogar Blender schließen."
    ),
    "Online access is off, so nothing can be downloaded.": (
        "Der Online-Zugriff ist ausgeschaltet, es kann nichts geladen werden."
    ),
    "Online access is off in Blender's preferences (System › Network)": (
        "Der Online-Zugriff ist in Blenders Einstellungen ausgeschaltet (System › Netzwerk)"
    ),
    "PyTorch {version} on {device}, {size} on disk.": (
        "PyTorch {version}, rechnet mit: {device}, {size} auf der Platte."
    ),
    "the graphics card": "Grafikkarte",
    "Apple's graphics": "Apple-Grafik",
    "the processor": "Prozessor",
    "This Texcore wants another version.": "Dieses Texcore möchte eine andere Version.",
    "No network's weights are here yet: textures are drafts.": (
        "Es sind noch keine Gewichte eines Netzes da: Texturen werden Entwürfe."
    ),
    "{size} in {folder}": "{size} in {folder}",
    "{width} × {height} pixels": "{width} × {height} Pixel",
    "{size}, {count} tiles": "{size}, {count} Kacheln",
    "Saved {count} tiles beside {path}.": "{count} Kacheln neben {path} gespeichert.",
    "{done}, {time} left": "{done}, noch {time}",
    "Next: {title}": "Danach: {title}",
    "Textures Made: {count}": "Fertige Texturen: {count}",
    "seed {seed}": "Startwert {seed}",
    "On the object: {density} px/m": "Am Objekt: {density} px/m",
    "On the object: {before} → {after} px/m": "Am Objekt: {before} → {after} px/m",
    "Drag a rectangle over the photo; Esc leaves all as it is": (
        "Ein Rechteck über das Foto ziehen; Esc lässt alles, wie es ist"
    ),
    "From Left": "Von links",
    "From Top": "Von oben",
    "Selected: {count} Materials": "Ausgewählte: {count} Materialien",
    "Variations: {count}": "Varianten: {count}",
    "Variations discarded: {count}.": "Verworfene Varianten: {count}.",
    "In use elsewhere, and still there: {count}.": "Anderswo benutzt und noch da: {count}.",
    "Click on the variation to use; Esc leaves all as it is": (
        "Auf die Variante klicken, die es sein soll; Esc lässt alles, wie es ist"
    ),
    "{count} maps": "{count} Texturen",
    "Saved {files} in {folder}.": "{files} in {folder} gespeichert.",
    "No place in this set: {kinds}.": "Keinen Platz in diesem Satz haben: {kinds}.",
    "“{name}” is local already.": "„{name}“ ist schon lokal.",
    "“{name}” is local now.": "„{name}“ ist jetzt lokal.",
    "“{name}” is an asset of the library {folder}: save the file.": (
        "„{name}“ ist ein Asset der Bibliothek {folder}: die Datei speichern."
    ),
    "“{name}” is an asset; save the file into a library to use it elsewhere.": (
        "„{name}“ ist ein Asset; um es anderswo zu benutzen, die Datei in einer Bibliothek "
        "speichern."
    ),
    "{file} cannot be deleted ({why}): close what uses it, and try again": (
        "{file} lässt sich nicht löschen ({why}): schließen, was es benutzt, und noch einmal "
        "versuchen"
    ),
    "“{name}” says of itself what makes no sense: such marks are passed over.": (
        "„{name}“ sagt von sich, was keinen Sinn ergibt: Solche Angaben werden übergangen."
    ),
    "{count} images say of themselves what makes no sense: such marks are passed over.": (
        "{count} Bilder sagen von sich, was keinen Sinn ergibt: Solche Angaben werden übergangen."
    ),
    "Estimates, where there is no such map yet.": (
        "Schätzungen, wo es noch keine solche Textur gibt."
    ),
    "Make a mask for this image, and paint white in the Image Editor what shall be made anew": (
        "Eine Maske für dieses Bild anlegen und im Bildeditor weiß malen, was neu gemacht werden "
        "soll"
    ),
    "Paint white what shall be made anew": "Weiß malen, was neu gemacht werden soll",
    "Open an Image Editor, choose “{name}” there, and paint white what shall be made anew": (
        "Einen Bildeditor öffnen, dort „{name}“ wählen und weiß malen, was neu gemacht werden soll"
    ),
    "Log": "Protokoll",
    "Texcore is busy: wait for it, or cancel": "Texcore arbeitet: warten oder abbrechen",
    "Nothing is being made": "Es wird nichts gemacht",
    "Nothing was cancelled that could be gone on with": (
        "Es wurde nichts abgebrochen, womit man weitermachen könnte"
    ),
    "{title} on {host}": "{title} auf {host}",
    "Stopped at {share}, which is kept": "Angehalten bei {share}, was behalten ist",
    "There is nothing to keep yet": "Es gibt noch nichts zu behalten",
    "On an Object": "Auf einem Objekt",
    "Synthesize on {count} Objects": "Auf {count} Objekten erzeugen",
    "Make a texture over the whole surface of each selected object, in its own UV map: things keep "
    "one size, and go on across every seam": (
        "Eine Textur über die ganze Oberfläche jedes ausgewählten Objekts machen, in seiner "
        "eigenen UV-Map: Dinge behalten eine Größe und gehen über jede Naht weiter"
    ),
    "Unwrap into a new UV map, without overlaps; the other UV maps stay as they are": (
        "In eine neue UV-Map ohne Überlappungen abwickeln; die anderen UV-Maps bleiben, wie sie "
        "sind"
    ),
    "Make all maps of the material, as one": "Alle Texturen des Materials machen, als eine",
    "There is no active object: select the mesh that a texture is for.": (
        "Es gibt kein aktives Objekt: das Mesh auswählen, für das eine Textur gemacht werden soll."
    ),
    "“{name}” is no mesh: convert it to one (Object › Convert › Mesh).": (
        "„{name}“ ist kein Mesh: in eines umwandeln (Objekt › Konvertieren › Mesh)."
    ),
    "“{name}” has no faces: there is no surface for a texture.": (
        "„{name}“ hat keine Flächen: Für eine Textur ist keine Oberfläche da."
    ),
    "“{name}” has no UV map: unwrap it first.": "„{name}“ hat keine UV-Map: zuerst abwickeln.",
    "A texture on an object is made of one photo, or of two with a Blend Map: choose one, or empty "
    "Mix With and Regions.": (
        "Auf einem Objekt wird eine Textur aus einem Foto gemacht, oder aus zweien mit einer "
        "„Verteilung“: eine wählen, oder „Mischen mit“ und „Bereiche“ leeren."
    ),
    "A texture on an object is new all over: empty Repair Mask, and make Everything new.": (
        "Auf einem Objekt ist eine Textur überall neu: die „Maske“ leeren und „Alles“ neu machen."
    ),
    "“{name}” does not have the material “{material}”.": (
        "„{name}“ hat das Material „{material}“ nicht."
    ),
    "At this scale the photo has {width} × {height} pixels: a texture needs at least {least} × "
    "{least}.": (
        "In diesem Maßstab hat das Foto {width} × {height} Pixel: Eine Textur braucht mindestens "
        "{least} × {least}."
    ),
    "“{name}” has no material: give it one with a photo.": (
        "„{name}“ hat kein Material: ihm eines mit einem Foto geben."
    ),
    "“{name}” is linked from another file and shares its material: make it local.": (
        "„{name}“ ist aus einer anderen Datei verknüpft und teilt sein Material: lokal machen."
    ),
    "“{name}” is in the node group “{group}”, which other materials use too: make the group a "
    "single user first.": (
        "„{name}“ ist in der Node-Gruppe „{group}“, die auch andere Materialien benutzen: die "
        "Gruppe zuerst zum Einzelbenutzer machen."
    ),
    "“{name}” is projected by {kind}: set the projection of its Image Texture node to Flat.": (
        "„{name}“ wird projiziert ({kind}): die Projektion des Bildtextur-Nodes auf „Flach“ "
        "stellen."
    ),
    "The Image Texture node of “{name}” has a mapping of its own (in its sidebar, under Texture): "
    "reset it.": (
        "Der Bildtextur-Node von „{name}“ hat eine eigene Abbildung (in seiner Seitenleiste, unter "
        "Textur): zurücksetzen."
    ),
    "Name of the object. Empty: all that are selected": (
        "Name des Objekts. Leer: alle, die ausgewählt sind"
    ),
    "“{name}” is unwrapped in the UV map “{layer}”.": (
        "„{name}“ ist in der UV-Map „{layer}“ abgewickelt."
    ),
    "The engine is not running": "Die Engine läuft nicht",
    "The engine is being set up already": "Die Engine wird schon eingerichtet",
    "No texture has been made yet": "Es ist noch keine Textur gemacht",
}
