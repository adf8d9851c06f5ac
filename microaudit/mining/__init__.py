"""Reading job lists for which nobody has written selectors.

`page` shows a page as lines; `records` finds what repeats; `vocabulary` and `values` name the parts by their words
and shapes; `lists` and `details` put tasks together and say how sure they are; `spider` offers both as layouts.
"""
