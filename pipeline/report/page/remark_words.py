"""What the rules of what stands out say, in English and in Spanish."""

from __future__ import annotations

REMARKS: dict[str, tuple[str, str]] = {
    "missing": (
        "{share} of the cells are missing: {count} of {whole}.",
        "El {share} de las celdas falta: {count} de {whole}.",
    ),
    "invalid": (
        "Cells or rows that hold no number and were skipped: {count} ({share}).",
        "Celdas o filas sin número, que se omitieron: {count} ({share}).",
    ),
    "empty": ("The column has no valid value.", "La columna no tiene ningún valor válido."),
    "constant": ("All {count} values are {value}.", "Los {count} valores son todos {value}."),
    "nearly_constant": (
        "{share} of the values are {value}: the column is nearly constant.",
        "El {share} de los valores es {value}: la columna es casi constante.",
    ),
    "sentinel": (
        (
            "{value} occurs {count} times ({share}), {widths} interquartile ranges away from the "
            "other values: it looks like a code for a missing value. --missing {plain} leaves it "
            "out."
        ),
        (
            "{value} aparece {count} veces ({share}), a {widths} rangos intercuartílicos de los "
            "demás valores: parece un código de dato faltante. --missing {plain} lo excluye."
        ),
    ),
    "far": (
        (
            "{count} values ({share}) lie far from all others, behind a wide gap: from {low} to "
            "{high}."
        ),
        (
            "{count} valores ({share}) están lejos de todos los demás, tras un vacío amplio: "
            "entre {low} y {high}."
        ),
    ),
    "far_one": (
        "One value lies far from all others: {value}.",
        "Un valor está lejos de todos los demás: {value}.",
    ),
    "zeros": (
        "{share} of the values are 0: {count} of {whole}.",
        "El {share} de los valores es 0: {count} de {whole}.",
    ),
    "too_frequent": (
        (
            "{value} occurs {count} times ({share}), {times} times as often as the next most "
            "frequent value."
        ),
        (
            "{value} aparece {count} veces ({share}), {times} veces más que el siguiente valor "
            "más frecuente."
        ),
    ),
    "mixed_decimals": (
        (
            "{share} of the values other than 0 are multiples of {step}, the others are finer: "
            "perhaps two instruments."
        ),
        (
            "El {share} de los valores distintos de 0 son múltiplos de {step}, los demás son más "
            "finos: quizá dos instrumentos."
        ),
    ),
    "gaps_together": (
        (
            "Half of the missing cells lie in {share} of the file: most of all around row {row}, "
            "where {most} are missing."
        ),
        (
            "La mitad de las celdas faltantes está en el {share} del archivo: sobre todo cerca "
            "de la fila {row}, donde falta el {most}."
        ),
    ),
    "stuck": (
        (
            "From row {start} to row {stop} all {count} values are {value}: the sensor may have "
            "been stuck. Stretches like this: {stretches}."
        ),
        (
            "De la fila {start} a la {stop}, los {count} valores son {value}: el sensor pudo "
            "quedarse pegado. Tramos así: {stretches}."
        ),
    ),
    "level": (
        (
            "The level changes about row {row}: the mean of a stretch is usually {before} "
            "before, and {after} after."
        ),
        (
            "El nivel cambia cerca de la fila {row}: la media de un tramo suele ser {before} "
            "antes, y {after} después."
        ),
    ),
    "finer": (
        (
            "The resolution changes about row {row} (decimal places before: {before}, after: "
            "{after})."
        ),
        (
            "La resolución cambia cerca de la fila {row} (decimales antes: {before}, después: "
            "{after})."
        ),
    ),
    "group_centre": (
        (
            "Groups whose median lies far from the others': {count} of {groups}. The farthest: "
            "{names}; the median of the first is {median}, usual is {usual}."
        ),
        (
            "Grupos con mediana lejos de la de los demás: {count} de {groups}. Los más lejanos: "
            "{names}; la mediana del primero es {median}, lo usual es {usual}."
        ),
    ),
    "group_spread": (
        (
            "Groups that spread far more or less than the others: {count} of {groups}. The "
            "oddest: {names}; the standard deviation of the first is {std}."
        ),
        (
            "Grupos mucho más o menos dispersos que los demás: {count} de {groups}. Los más "
            "extraños: {names}; la desviación estándar del primero es {std}."
        ),
    ),
    "group_missing": (
        (
            "Groups with far more missing cells than usual: {count} of {groups}. The worst: "
            "{names}; of the first {share} is missing."
        ),
        (
            "Grupos con muchas más celdas faltantes de lo usual: {count} de {groups}. Los "
            "peores: {names}; del primero falta el {share}."
        ),
    ),
}
