"""The nouns: incident columns, Period, Filter, Shift, tables and roles."""
