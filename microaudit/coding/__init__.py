"""The human-coding loop: a blind sample out, codes back in, how well coders agree, when to code again."""
