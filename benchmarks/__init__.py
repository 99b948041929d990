"""The benchmarks of `make bench`, reported as ratios between variants that are run interleaved.

__main__.py         runs the benchmarks and writes the page
suite.py            runs all of them in order, at full length or quickly
bench_search.py     searches, against encoding and VSIM alone, and concurrently
bench_embedding.py  embedding, against SentenceTransformer.encode
bench_import.py     an import, against encoding alone and the walkthrough's loop
bench_process.py    memory over many searches, and the time a command takes to start
comparison.py       the contenders loaded, restarted and questioned
contenders/         the bot and its peers, each in its own process, behind one interface
recall.py           what the answers of contenders lack, compared with the exact ones
dataset.py          people with their vectors, and questions, as files for the contenders
people.py           reads or generates people, and makes datasets from them
bot_directory.py    opens the bot's directory, and imports into it
reference.py        the bot's model and sentence-transformers, without the rest of the bot
timing.py           times variants of the same work, interleaved
processes.py        runs a function in a fresh process, and reads its memory
machine.py          describes the machine and the software
bot_report.py       the results of the bot alone, and the targets they are held to
peer_report.py      the comparison with peers in tables, sentences and plots
markdown.py         Markdown tables and sections
plots.py            SVG plots
strategies.py       what filtered searches cost, and how many people they miss (`make strategies`)
"""
