"""List the answers that settings have, each with its label and a line of plain words."""

from __future__ import annotations

from .words import Choice, Words

MODELS = (
    Choice(
        "default",
        "Texcore",
        "Sharp and true to structure; the best choice for most pictures",
        Words("Texcore", "Scharf und der Struktur treu; für die meisten Bilder die beste Wahl"),
    ),
    Choice(
        "gatys",
        "Gatys",
        "The original (Gatys 2015): shapes all anew, clean and sharp; what is large is lost",
        Words(
            "Gatys",
            "Das Original (Gatys 2015): alle Formen neu, sauber und scharf; Großes geht verloren",
        ),
    ),
    Choice(
        "multiscale",
        "Multi-scale",
        "Shapes anew, the large ones as well as the small (Snelgrove 2017); tints here and there",
        Words(
            "Mehrere Maßstäbe",
            "Formen neu, große wie kleine (Snelgrove 2017); hie und da ein Farbstich",
        ),
    ),
    Choice(
        "smooth",
        "Smooth",
        "Shapes anew and without grain: soft, rounded, paler",
        Words("Glatt", "Formen neu und ohne Korn: weich, rund, blasser"),
    ),
    Choice("regions", "Regions", "Each region of a mask its own texture, its shape kept"),
    Choice(
        "gap",
        "Averages",
        "As much of everything as in the photo (global average pooling), loosely put together",
        Words(
            "Mittelwerte",
            "Von allem so viel wie im Foto (Global Average Pooling), locker zusammengesetzt",
        ),
    ),
)
# Those that need no picture but the exemplar.
PLAIN_MODELS = tuple(model for model in MODELS if model.id != "regions")
SKETCH = "sketch"  #: the quality for which nothing is optimised
QUALITIES = (
    Choice(
        SKETCH,
        "Sketch",
        "Pieces of the photo, sewn and blended: seconds, and no network",
        Words("Skizze", "Stücke des Fotos, vernäht und überblendet: Sekunden, ohne Netz"),
    ),
    Choice(
        "draft",
        "Draft",
        "Quick look: half of the standard's time",
        Words("Entwurf", "Ein schneller Blick: die Hälfte der üblichen Zeit"),
    ),
    Choice("standard", "Standard", "For most work", Words("Standard", "Für die meisten Arbeiten")),
    Choice(
        "high",
        "High",
        "Twice the standard's time; copies of a thing are less alike (not on objects)",
        Words(
            "Hoch",
            "Die doppelte Zeit; Kopien eines Dings gleichen sich weniger (nicht auf Objekten)",
        ),
    ),
)
TILINGS = (
    Choice(
        "xy",
        "Both ways",
        "Repeats without a seam sideways and upwards",
        Words("Beide Richtungen", "Wiederholt sich ohne Naht nach der Seite und nach oben"),
    ),
    Choice(
        "x",
        "Sideways",
        "Repeats left to right only",
        Words("Seitwärts", "Wiederholt sich nur von links nach rechts"),
    ),
    Choice(
        "y",
        "Upwards",
        "Repeats bottom to top only",
        Words("Aufwärts", "Wiederholt sich nur von unten nach oben"),
    ),
    Choice(
        "none", "Not at all", "A picture with borders", Words("Gar nicht", "Ein Bild mit Rändern")
    ),
)
ENCODINGS = (
    Choice("auto", "From the file", "sRGB, except files of linear light such as EXR"),
    Choice("srgb", "sRGB", "Colour as displayed"),
    Choice(
        "linear", "Linear", "Scene-linear colour; synthesised as displayed, written back linear"
    ),
    Choice("data", "Data", "Numbers, not colour: normals, roughness, height"),
)
WEIGHTS = ("auto", "vgg19", "vgg16", "random")
DEVICES = ("auto", "cuda", "mps", "cpu")
#: Of batches: schedulers whose jobs can be workers.
JOB_SCHEDULERS = ("slurm", "pbs", "lsf", "sge", "htcondor")
CANVASES = (
    Choice("auto", "The model's", "As the model has it"),
    Choice("spectral", "Spectral", "Noise under the exemplar's own spectrum is optimised"),
    Choice("pixels", "Pixels", "The texels themselves are optimised, as in the papers"),
)
STATISTICS = (
    Choice("gram", "Gram matrix", "Products of features: what appears together"),
    Choice("gap", "Average", "Mean of each feature: global average pooling"),
    Choice("covariance", "Covariance", "Products of features about their means"),
    Choice("deviation", "Deviation", "Standard deviation of each feature"),
)
ARRANGEMENTS = (
    Choice(
        "auto",
        "Automatic",
        "As in the photo if the texture is about as large, else new; patterns as they join best",
        Words(
            "Automatisch",
            "Wie im Foto, wenn die Textur etwa so groß ist, sonst neu; Muster, wie sie am besten "
            "passen",
        ),
    ),
    Choice(
        "photo",
        "As in the photo",
        "Large things stay where they are, but along the border",
        Words("Wie im Foto", "Große Dinge bleiben, wo sie sind, nur am Rand nicht"),
    ),
    Choice(
        "new",
        "New",
        "Pieces of the photo, sewn together in a new way; other ones for each seed",
        Words("Neu", "Stücke des Fotos, neu zusammengenäht; mit jedem Startwert andere"),
    ),
)
PARTS = (
    Choice("all", "All of it", "The whole photo", Words("Alles", "Das ganze Foto")),
    Choice(
        "even",
        "Its even part",
        "The largest part that is one texture: without a crack, a second material, a dark side",
        Words(
            "Gleichmäßiges",
            "Den größten Teil, der eine einzige Textur ist: ohne Riss, zweites Material, dunkle "
            "Seite",
        ),
    ),
)
#: Of a part, for what an artist chooses in Blender; a recipe has the rectangle itself.
RECTANGLE = Choice(
    "rectangle",
    "A rectangle",
    "What lies inside a rectangle on the photo",
    Words("Rechteck", "Was in einem Rechteck auf dem Foto liegt"),
)
PROGRESSIONS = (
    Choice(
        "none",
        "Nothing",
        "The same texture everywhere",
        Words("Nichts", "Überall die gleiche Textur"),
    ),
    Choice(
        "y",
        "Top to bottom",
        "As the photo does from its top to its bottom, such as from dry to wet",
        Words("Von oben nach unten", "Wie das Foto von oben nach unten, etwa von trocken zu nass"),
    ),
    Choice(
        "x",
        "Left to right",
        "As the photo does from its left to its right",
        Words("Von links nach rechts", "Wie das Foto von links nach rechts"),
    ),
)
FROM_UVS = "uv"  #: of `UPS`: each place has its own
UPS = (
    Choice(
        "y",
        "Y",
        "As most formats of objects have it",
        Words("Y", "Wie in den meisten Formaten für Objekte"),
    ),
    Choice("z", "Z", "As Blender has it", Words("Z", "Wie in Blender")),
    Choice("x", "X", "To the side", Words("X", "Zur Seite")),
    Choice(
        FROM_UVS,
        "UV Map",
        "Each island's own top, as it lies in the UV map",
        Words("UV-Map", "Das Oben jeder Insel, wie sie in der UV-Map liegt"),
    ),
)
#: Voxels of a solid texture's side.
CUBES = (
    Choice("32", "32", "32 × 32 × 32: a try", Words("32", "32 × 32 × 32: ein Versuch")),
    Choice("64", "64", "64 × 64 × 64", Words("64", "64 × 64 × 64")),
    Choice(
        "128",
        "128",
        "128 × 128 × 128: eight times the work of 64",
        Words("128", "128 × 128 × 128: achtmal so viel Arbeit wie 64"),
    ),
)
CUTS = (
    Choice(
        "all",
        "All",
        "A cut in any direction looks like the photo: gravel, foam, rust",
        Words("Alle", "Ein Schnitt in jeder Richtung sieht aus wie das Foto: Kies, Schaum, Rost"),
    ),
    Choice(
        "upright",
        "Upright",
        "Only upright cuts look like the photo, its top upwards: layers of rock, timber",
        Words(
            "Senkrechte",
            "Nur senkrechte Schnitte sehen aus wie das Foto, dessen Oben nach oben: Felsschichten, "
            "Holz",
        ),
    ),
)
BORDER = Choice(
    "border",
    "Only the border",
    "The photo stays as it is, but for a band along its edges that lets it tile",
    Words(
        "Nur der Rand",
        "Das Foto bleibt, wie es ist, bis auf einen Streifen am Rand, mit dem es kachelt",
    ),
)
RENEWALS = (
    Choice(
        "all",
        "Everything",
        "A new texture throughout, in the manner of the photo",
        Words("Alles", "Eine durchweg neue Textur nach Art des Fotos"),
    ),
    BORDER,
)
INITS = (
    Choice("auto", "The model's", "As the model has it"),
    Choice("patchwork", "Patchwork", "The exemplar, small, sewn together anew"),
    Choice("noise", "Noise", "Noise of the exemplar's colours and spectrum"),
    Choice("uniform", "Uniform", "Uniform noise"),
    Choice("picture", "Picture", "A picture, or the exemplar itself"),
)
BIT_DEPTHS = (
    Choice("auto", "From the file", "The exemplar's"),
    Choice("8", "8", "Whole numbers of 8 bits"),
    Choice("16", "16", "Whole numbers of 16 bits, or half floats in an EXR"),
    Choice("float", "Float", "Floats of 32 bits"),
)
FORMS = (
    Choice("flat", "Flat", "A picture"),
    Choice("object", "On an object", "In the map of its surface"),
    Choice("solid", "Solid", "A cube, in slices"),
)
PRECISIONS = (
    Choice("auto", "Automatic", "What the device does best"),
    Choice("float32", "Single", "32 bits"),
    Choice("bfloat16", "Brain float", "16 bits, sums in 32"),
)
