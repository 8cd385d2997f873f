"""The titles and definitions of the statistics in Spanish; the English ones are in their table."""

from __future__ import annotations

SPANISH: dict[str, tuple[str, str]] = {
    "count": ("recuento", "Cuántos valores son válidos"),
    "missing": ("faltantes", "Cuántas celdas faltan: vacías, o escritas como un valor faltante"),
    "invalid": (
        "inválidos",
        "Cuántas celdas sin número, o filas con muy pocos o demasiados campos, se omitieron",
    ),
    "out_of_range": (
        "fuera de rango",
        "Cuántos números están fuera del rango válido pedido, y no cuentan",
    ),
    "filtered": ("filtrados", "Cuántas filas no cumplen las condiciones pedidas, y no cuentan"),
    "mean": ("media", "La suma de los valores, dividida por su número"),
    "max": ("máximo", "El mayor valor"),
    "min": ("mínimo", "El menor valor"),
    "mode": ("moda", "El valor más frecuente; de varios, el que aparece primero en el archivo"),
    "variance": (
        "varianza",
        "La distancia cuadrática media a la media (poblacional: dividida por n)",
    ),
    "std": ("desviación estándar", "La raíz cuadrada de la varianza"),
    "kurtosis": (
        "curtosis",
        (
            "El cuarto momento central sobre el cuadrado de la varianza, menos 3 (Fisher: 0 para "
            "una distribución normal; sesgada, como scipy.stats.kurtosis)"
        ),
    ),
    "skewness": (
        "asimetría",
        (
            "El tercer momento central sobre el cubo de la desviación estándar (sesgada, como "
            "scipy.stats.skew)"
        ),
    ),
    "moving_variance_sum": (
        "varianza móvil, suma sobre ventanas de {window:,}",
        (
            "La suma de las varianzas poblacionales de todas las ventanas de valores "
            "consecutivos menos la que termina en el último valor; 0 donde no hay ninguna"
        ),
    ),
    "moving_windows": (
        "ventanas móviles",
        "Sobre cuántas ventanas es esa suma: recuento menos ventana, o 0",
    ),
    "percentiles": (
        "percentil",
        (
            "Por porcentaje, el valor bajo el cual está esa proporción de los valores, "
            "interpolado linealmente en el rango (n-1)*porcentaje/100, como numpy.percentile"
        ),
    ),
    "sum": ("suma", "La suma de los valores"),
    "distinct": ("valores distintos", "Cuántos valores diferentes hay"),
    "median": ("mediana", "El percentil 50"),
    "iqr": ("rango intercuartílico", "El percentil 75 menos el percentil 25"),
    "mad": (
        "desviación absoluta mediana",
        "La mediana de las distancias de los valores a la mediana",
    ),
    "mode_count": ("frecuencia de la moda", "Cuántas veces aparece la moda"),
    "mode_ties": (
        "valores tan frecuentes como la moda",
        "Cuántos valores diferentes aparecen tantas veces como la moda, ella incluida",
    ),
    "zeros": ("ceros", "Cuántos valores son 0"),
    "negatives": ("valores negativos", "Cuántos valores son menores que 0"),
    "sample_variance": (
        "varianza muestral",
        "La suma de las distancias cuadráticas a la media, dividida por n-1; con dos valores o más",
    ),
    "sample_std": ("desviación estándar muestral", "La raíz cuadrada de la varianza muestral"),
    "sample_skewness": (
        "asimetría muestral",
        (
            "La asimetría corregida por su sesgo, como scipy.stats.skew con bias=False; con tres "
            "valores o más"
        ),
    ),
    "sample_kurtosis": (
        "curtosis muestral",
        (
            "La curtosis corregida por su sesgo, como scipy.stats.kurtosis con bias=False; con "
            "cuatro valores o más"
        ),
    ),
}
"""Title and definition by the statistic's name."""
