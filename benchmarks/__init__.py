"""What `make bench` measures, always as ratios: contenders asked in turns, in one run.

__main__.py     runs it, and writes the page
measuring.py    all that is measured, in its order, and how much of it
timing.py       ways of doing the same, taken in turns
processes.py    a process of its own, and the memory of one
machine.py      on what it was measured
crowd.py        people with their vectors, and questions, as files that every contender reads
people.py       where these people come from
ours.py         the bot's directory, opened and imported into, and vectors that are ready
encoding.py     the bot's model and the reference, without the bot around them
searching.py    our search against encoding and VSIM alone; many at once
embedding.py    our embedding against SentenceTransformer.encode
importing.py    our import against encoding alone, and against the walkthrough's loop
staying.py      memory, over many searches and a person; how long a command takes to start
contenders/     ours and its peers, each in a process of its own, behind one interface
comparison.py   the contenders loaded, restarted and asked in turns
judging.py      whom an answer missed
own.py          what was measured of ourselves, what we hold ourselves to, and how it is told
peers.py        the contenders, as tables and sentences
report.py       tables as Markdown
plots.py        the same as a picture
strategies.py   what filtered searches cost, and whom they miss (`make strategies`)
"""
