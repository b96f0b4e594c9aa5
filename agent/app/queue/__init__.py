"""Background jobs: durable work that workers on any number of machines share.

    starting.py   make a job: rows in the store, nothing else. A program that starts jobs needs no queue.
    kinds.py      the registry of kinds: slices say in their `job.py` what a job of each kind does
    worker.py     a worker: hands waiting chunks to the queue, works on what it gives, takes over from the dead
    engine.py     dbos, its only importer: who does what when
    views.py      a job as the API, `--json` and the pages show it

The store's tables are the truth about what is to be done and what is done (agent/app/queue/store.py). The queue could
be thrown away at any time: workers fill it again from the tables. Work is therefore cut so that doing a piece again is
harmless: a call that has its ratings is not asked again, and a reply that reached the cache is not paid again.
"""
