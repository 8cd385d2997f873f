"""The words of the page, in English and in Spanish.

Names in braces stand for numbers and for texts of the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.page.along_words import ALONG
from pipeline.report.page.heat_words import HEAT
from pipeline.report.page.numbers import Numbers
from pipeline.report.page.remark_words import REMARKS
from pipeline.report.page.statistic_words import SPANISH
from pipeline.statistics.result import STATISTICS

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "es")

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Report on {column}", "Informe: {column}"),
    "title_several": ("Report on {columns} columns", "Informe de {columns} columnas"),
    "kicker": ("Exact statistics", "Estadística exacta"),
    "rows": ("{rows} rows", "{rows} filas"),
    "files": ("{files} files", "{files} archivos"),
    "column_number": ("column {number}", "columna {number}"),
    "columns": ("Columns", "Columnas"),
    "contents": ("On this page", "En esta página"),
    "values_counted": ("values", "valores"),
    "missing": ("missing", "faltantes"),
    "mean_std": ("mean ± std", "media ± desv. est."),
    "median": ("median", "mediana"),
    "range": ("range", "rango"),
    "from_to": ("{low} to {high}", "de {low} a {high}"),
    "stands_out": ("What stands out", "Lo que llama la atención"),
    "nothing_stands_out": (
        "Nothing: no rule of this page found anything odd.",
        "Nada: ninguna regla de esta página encontró algo extraño.",
    ),
    "see": ("see", "ver"),
    "values": ("Values", "Valores"),
    "along": ("Along the file", "A lo largo del archivo"),
    "groups": ("Groups", "Grupos"),
    "results": ("All results", "Todos los resultados"),
    "run": ("The run", "La ejecución"),
    "linear": ("Linear", "Lineal"),
    "logarithmic": ("Logarithmic", "Logarítmica"),
    "scale": ("Scale of the counts", "Escala de los recuentos"),
    "histogram": ("Histogram", "Histograma"),
    "histogram_caption": (
        (
            "How many values lie in each bin of width {width}: exact, of all {count} values. The "
            "lines mark mean, mode and percentiles."
        ),
        (
            "Cuántos valores hay en cada intervalo de ancho {width}: exacto, de todos los "
            "{count} valores. Las líneas marcan media, moda y percentiles."
        ),
    ),
    "zoom_mouse": (
        "Drag to zoom; the arrow takes you back.",
        "Arrastre para ampliar; la flecha lo devuelve.",
    ),
    "zoom_touch": (
        "To zoom, tap the dashed frame above, then move a finger across; the arrow takes you back.",
        "Para ampliar, toque arriba el marco punteado y pase un dedo; la flecha lo devuelve.",
    ),
    "outside_view": (
        "Outside what is shown first: {count} values; zoom out to see them.",
        "Fuera de lo que se muestra al inicio: {count} valores; aleje la vista para verlos.",
    ),
    "outside_below": (
        "Not drawn, for they lie too far below: {count} values, down to {end}.",
        "No se dibujan, por estar demasiado abajo: {count} valores, hasta {end}.",
    ),
    "outside_above": (
        "Not drawn, for they lie too far above: {count} values, up to {end}.",
        "No se dibujan, por estar demasiado arriba: {count} valores, hasta {end}.",
    ),
    "histogram_alt": (
        (
            "Histogram of {column}: half of the values lie between {q1} and {q3}; the fullest "
            "bin, from {low} to {high}, holds {share} of them."
        ),
        (
            "Histograma de {column}: la mitad de los valores está entre {q1} y {q3}; el "
            "intervalo más lleno, de {low} a {high}, contiene el {share}."
        ),
    ),
    "distribution": ("Distribution function", "Función de distribución"),
    "distribution_caption": (
        "The share of values at or below each value. Where the curve is steep, values are many.",
        (
            "La proporción de valores menores o iguales que cada valor. Donde la curva es "
            "empinada, hay muchos valores."
        ),
    ),
    "distribution_alt": (
        (
            "Distribution function of {column}: 10 % of the values are at most {p10}, half at "
            "most {p50}, 90 % at most {p90}."
        ),
        (
            "Función de distribución de {column}: el 10 % de los valores es a lo sumo {p10}, la "
            "mitad a lo sumo {p50}, el 90 % a lo sumo {p90}."
        ),
    ),
    "exceedance": ("Exceedance curve", "Curva de excedencia"),
    "exceedance_caption": (
        (
            "The share of values at or above each value, on a logarithmic scale: how rare the "
            "large ones are."
        ),
        (
            "La proporción de valores mayores o iguales que cada valor, en escala logarítmica: "
            "qué tan raros son los grandes."
        ),
    ),
    "exceedance_alt": (
        (
            "Exceedance curve of {column}: one value in a hundred is at least {p99}; the "
            "greatest is {max}."
        ),
        (
            "Curva de excedencia de {column}: uno de cada cien valores es al menos {p99}; el "
            "mayor es {max}."
        ),
    ),
    "axis_count": ("values in a bin", "valores por intervalo"),
    "axis_upto": ("share at or below", "proporción menor o igual"),
    "axis_from": ("share at or above", "proporción mayor o igual"),
    "bin": ("bin", "intervalo"),
    "value": ("value", "valor"),
    "share": ("share", "proporción"),
    "label_mean": ("mean", "media"),
    "label_mode": ("mode", "moda"),
    "no_values": (
        "There is no picture of the values, for the column has none.",
        "No hay figura de los valores, pues la columna no tiene ninguno.",
    ),
    "constant": (
        "There is no picture of the values: all of them are {value}.",
        "No hay figura de los valores: todos son {value}.",
    ),
    "rows_axis": ("rows", "filas"),
    "axis_missing": ("missing", "faltantes"),
    "groups_all": (
        (
            "Groups: {groups}. Click a heading to sort. The small histograms have one scale of "
            "values, each as high as its own highest bar."
        ),
        (
            "Grupos: {groups}. Pulse un encabezado para ordenar. Los histogramas pequeños "
            "comparten la escala de valores; cada uno es tan alto como su barra más alta."
        ),
    ),
    "groups_some": (
        (
            "Groups: {groups}. Shown are {shown}: those that stand out, then the largest; the "
            "file of groups has all. Click a heading to sort."
        ),
        (
            "Grupos: {groups}. Se muestran {shown}: los que llaman la atención y luego los más "
            "grandes; el archivo de grupos los tiene todos. Pulse un encabezado para ordenar."
        ),
    ),
    "search": ("Search groups", "Buscar grupos"),
    "only_odd": ("Only those that stand out", "Solo los que llaman la atención"),
    "odd": ("stands out", "llama la atención"),
    "odd_high": ("high", "alto"),
    "odd_low": ("low", "bajo"),
    "odd_wide": ("wide spread", "muy disperso"),
    "odd_narrow": ("narrow spread", "poco disperso"),
    "odd_missing": ("much missing", "faltan muchos"),
    "head_count": ("values", "valores"),
    "head_missing": ("missing", "faltantes"),
    "head_mean": ("mean", "media"),
    "head_median": ("median", "mediana"),
    "head_std": ("std", "desv. est."),
    "head_min": ("min", "mín."),
    "head_max": ("max", "máx."),
    "head_histogram": ("histogram", "histograma"),
    "bars_alt": ("Histogram of {name}", "Histograma de {name}"),
    "statistic": ("Statistic", "Estadístico"),
    "definition": ("Definition", "Definición"),
    "copy": ("Copy", "Copiar"),
    "copied": ("Copied", "Copiado"),
    "copy_in_full": ("Copy {name} in full", "Copiar {name} completo"),
    "undefined": ("undefined", "indefinido"),
    "results_note": (
        (
            "Numbers are rounded for reading; the button copies all digits. Each is exact over "
            "all rows and rounded once."
        ),
        (
            "Los números están redondeados para leerlos; el botón copia todas las cifras. Cada "
            "uno es exacto sobre todas las filas y se redondea una sola vez."
        ),
    ),
    "noscript": (
        "The pictures need JavaScript, which is part of this file. Everything else is here.",
        "Las figuras necesitan JavaScript, que viene en este archivo. Todo lo demás está aquí.",
    ),
    "partitions": ("Partitions over time", "Particiones en el tiempo"),
    "partitions_caption": (
        "Each bar is a partition that was read: when, and by which worker. Gaps are waiting.",
        "Cada barra es una partición leída: cuándo y por qué trabajador. Los huecos son espera.",
    ),
    "partitions_alt": (
        "{partitions} partitions read by {workers} workers in {seconds} seconds.",
        "{partitions} particiones leídas por {workers} trabajadores en {seconds} segundos.",
    ),
    "axis_seconds": ("seconds since the first began", "segundos desde el inicio de la primera"),
    "read": ("Read", "Leído"),
    "read_line": (
        "{size} in {seconds} s, {rate} MB/s; partitions: {partitions}, workers: {workers}",
        "{size} en {seconds} s, {rate} MB/s; particiones: {partitions}, trabajadores: {workers}",
    ),
    "limited_by": ("What limited it", "Qué la limitó"),
    "limited_cpu": (
        (
            "The processors: they worked {used} of the time in which partitions were read. More "
            "cores make it faster."
        ),
        (
            "Los procesadores: trabajaron el {used} del tiempo en que se leyeron particiones. "
            "Con más núcleos es más rápida."
        ),
    ),
    "limited_disk": (
        (
            "Reading the file: the processors worked only {used} of the time in which partitions "
            "were read. A faster disk or network makes it faster."
        ),
        (
            "La lectura del archivo: los procesadores trabajaron solo el {used} del tiempo en "
            "que se leyeron particiones. Con un disco o una red más rápidos es más rápida."
        ),
    ),
    "limited_start": (
        (
            "Starting up: the whole run took {seconds} s, of which partitions were read in "
            "{reading} s only."
        ),
        (
            "El arranque: toda la ejecución tomó {seconds} s, de los cuales solo {reading} s se "
            "leyeron particiones."
        ),
    ),
    "inputs": ("Input", "Entrada"),
    "version": ("Version", "Versión"),
    "options": ("Options", "Opciones"),
    "defaults": ("all defaults", "todas por defecto"),
    "again": ("To get the same again", "Para obtener lo mismo otra vez"),
    "checksums": ("SHA-256", "SHA-256"),
    "worker": ("worker", "trabajador"),
    **ALONG,
    **HEAT,
}


def words(lang: str) -> Mapping[str, str]:
    """Return the words of the page in a language, "en" or "es", by their names.

    Under "point" and "group" are the marks in its numbers.
    """
    place = LANGUAGES.index(lang)
    marks = {"point": Numbers.of(lang).point, "group": Numbers.of(lang).group}
    return {name: texts[place] for name, texts in WORDS.items()} | marks


def sentence(rule: str, lang: str) -> str:
    """Return what a `rule` of what stands out says in a language, "en" or "es"."""
    return REMARKS[rule][LANGUAGES.index(lang)]


def statistic(name: str, lang: str) -> tuple[str, str]:
    """Return title and definition of the statistic `name` in a language, "en" or "es"."""
    if lang == "es":
        return SPANISH[name]
    return STATISTICS[name].title, STATISTICS[name].definition
