"""The kinds of boxes: each lists its subjects."""
