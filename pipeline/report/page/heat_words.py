"""What is written at maps of groups by place and time, in English and in Spanish."""

from __future__ import annotations

HEAT: dict[str, tuple[str, str]] = {
    "heat_complete": ("Completeness", "Completitud"),
    "heat_mean": ("Means", "Medias"),
    "heat_complete_caption": (
        (
            "The share of cells that are not missing: each row a group, each column a time. The "
            "stronger the colour, the more is missing; hatched is where the file has no row."
        ),
        (
            "La proporción de celdas que no faltan: cada fila es un grupo, cada columna un tiempo. "
            "Cuanto más intenso el color, más falta; rayado, donde el archivo no tiene filas."
        ),
    ),
    "heat_mean_caption": (
        (
            "The mean of each group at each time; hatched is where there is none. The scale holds "
            "all but the outermost means: those have the colours of its ends."
        ),
        (
            "La media de cada grupo en cada tiempo; rayado, donde no hay ninguna. La escala abarca "
            "todas las medias salvo las más extremas: estas llevan los colores de sus extremos."
        ),
    ),
    "heat_some": (
        "Shown are the {shown} of {groups} with the most values.",
        "Se muestran {shown} de {groups}: los que tienen más valores.",
    ),
    "heat_alt": (
        "{title} of {groups} groups at {times} times, from {first} to {last}.",
        "{title} de {groups} grupos en {times} tiempos, de {first} a {last}.",
    ),
}
