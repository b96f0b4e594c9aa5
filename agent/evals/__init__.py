"""Ratings by models held against manually scored cases: suites, runs, yardsticks, comparison and the gate.

suite_files  what stands in files (published JSON schemas)      suite     a suite read, with its cases
running      asking the model about every case                  run       what came out, as it is kept
figures      agreement, evidence, errors per criterion          yardsticks  human ceiling, constant guesser, floor
comparing    two runs on the same cases                         gating    may the change go out?
"""
