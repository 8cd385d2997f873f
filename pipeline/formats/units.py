"""The units of time that rows can be grouped by."""

UNITS = (
    *("year", "month", "day", "hour"),
    *("month-of-year", "day-of-year", "hour-of-day", "weekday"),
)
"""What a time can be grouped by. A weekday is 1 to 7, Monday being 1."""
