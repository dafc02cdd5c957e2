"""The invented street 九枫街道: books, registers, planted violations, writers."""
