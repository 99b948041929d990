"""Whatever somebody sends: no exception but our own, and no input that takes a second.

targets.py    what is fed, and what it is fed to
__main__.py   a million inputs, led by the code they reach (atheris); tests/test_fuzz.py does a few
"""
