"""What is written at the picture along the file, in English and in Spanish."""

from __future__ import annotations

ALONG: dict[str, tuple[str, str]] = {
    "along_title": ("Mean, spread and missing share", "Media, dispersión y proporción faltante"),
    "along_caption": (
        (
            "Each step is one of {stretches} stretches of the file, as its rows follow one "
            "another: the line is the mean, the band one standard deviation to both sides, the "
            "bars below the share of cells that are missing."
        ),
        (
            "Cada escalón es uno de {stretches} tramos del archivo, en el orden de sus filas: la "
            "línea es la media, la banda una desviación estándar a cada lado, las barras de "
            "abajo la proporción de celdas faltantes."
        ),
    ),
    "along_title_complete": ("Mean and spread", "Media y dispersión"),
    "along_caption_complete": (
        (
            "Each step is one of {stretches} stretches of the file, as its rows follow one "
            "another: the line is the mean, the band one standard deviation to both sides. No "
            "cell is missing."
        ),
        (
            "Cada escalón es uno de {stretches} tramos del archivo, en el orden de sus filas: la "
            "línea es la media, la banda una desviación estándar a cada lado. No falta ninguna "
            "celda."
        ),
    ),
    "along_alt": (
        (
            "Along the file, the means of its {stretches} stretches lie between {low} and "
            "{high}; at most {most} of a stretch is missing."
        ),
        (
            "A lo largo del archivo, las medias de sus {stretches} tramos están entre {low} y "
            "{high}; en un tramo falta a lo sumo el {most}."
        ),
    ),
    "along_moving": (
        (
            " The second picture shows the moving variance over {window} values, from the least "
            "to the greatest in each stretch."
        ),
        (
            " La segunda figura muestra la varianza móvil sobre {window} valores, de la menor a "
            "la mayor en cada tramo."
        ),
    ),
    "along_moving_alt": (
        " The moving variance over {window} values lies between {low} and {high}.",
        " La varianza móvil sobre {window} valores está entre {low} y {high}.",
    ),
    "axis_moving": ("moving variance", "varianza móvil"),
    "along_short": (
        "The file is too short for a picture along it: it is one stretch.",
        "El archivo es demasiado corto para una figura a lo largo de él: es un solo tramo.",
    ),
}
