"""Fuzzing: whatever anyone sends raises only our own exceptions, and takes less than a second.

targets.py    the functions that are fed, and the inputs to start from
__main__.py   a million inputs, guided by coverage (atheris); tests/test_fuzz.py tries a few
"""
