import ast,re
def rw(p,*prs):
    t=open(p).read()
    for a,b in prs:
        assert a in t,(p,a); t=t.replace(a,b,1)
    open(p,'w').write(t)
def cls(p,name,base,drop=None,keep=()):
    """Drop the fields of class `name` (all but keep) and derive it from base."""
    src=open(p).read(); L=src.split('\n')
    c=next(c for c in ast.parse(src).body if isinstance(c,ast.ClassDef) and c.name==name)
    kill=set()
    for s in c.body:
        if isinstance(s,ast.AnnAssign) and s.target.id not in keep:
            kill|=set(range(s.lineno,s.end_lineno+1))
    rest=[s for s in c.body[1:] if not (isinstance(s,ast.AnnAssign) and s.target.id not in keep)]
    if not rest: # trailing blank after docstring
        kill.add(c.body[0].end_lineno+1)
    L[c.lineno-1]=L[c.lineno-1].replace('(View)',f'({base}, View)')
    open(p,'w').write('\n'.join(l for i,l in enumerate(L,1) if i not in kill))
cls('agent/app/queue/views.py','JobView','Job',keep=('progress','spent_usd'))
rw('agent/app/queue/views.py',('''    @classmethod
    def of(cls, store: Store, job: Job) -> "JobView":
        return cls(**_facts(store, job))

    @property
    def live(self) -> bool:
        """Whether workers work on it, or will."""
        return self.state in ("queued", "running")
''','''    @classmethod
    def of(cls, store: Store, job: Job, **others: Any) -> Self:
        spent = store[SqlLedger].spent_usd(job=job.id)
        return super().of(job, progress=store[Jobs].progress(job.id), spent_usd=spent, **others)
'''),('''    @classmethod
    def of(cls, store: Store, job: Job) -> "JobDetailView":
        letters = [DeadLetterView.of(letter) for letter in store[Jobs].dead_letters(job.id, limit=50)]
        return cls(**_facts(store, job), dead_letters=letters)


def _facts(store: Store, job: Job) -> dict[str, Any]:
    spent = store[SqlLedger].spent_usd(job=job.id)
    return {**job.model_dump(), "progress": store[Jobs].progress(job.id), "spent_usd": spent}
''','''    @classmethod
    def of(cls, store: Store, job: Job, **others: Any) -> Self:
        return super().of(store, job, dead_letters=store[Jobs].dead_letters(job.id, limit=50), **others)
'''),('from typing import Any\n','from typing import Any, Self\n'))
cls('agent/app/queue/views.py','DeadLetterView','DeadLetter')
cls('agent/coaching/views.py','SessionView','Session')
cls('agent/coaching/views.py','CycleView','CoachingPeriod')
cls('agent/evals/views.py','AcceptedView','Accepted')
cls('agent/evals/views.py','VerdictView','Verdict',keep=('passed',))
rw('agent/evals/views.py',('''    @classmethod
    def of(cls, verdict: Verdict) -> "VerdictView":
        """The verdict, and whether it lets the candidate through."""
        return cls(passed=verdict.passed, **verdict.model_dump())


''',''))
cls('agent/calibration/views.py','DraftView','Draft')
rw('agent/calibration/views.py',('''    @classmethod
    def of(cls, found: Adjudication) -> Self:
        return cls(**found.model_dump(exclude={"round"}))

''',''))
cls('agent/uploads/views.py','TakenBackView','TakenBack')
cls('agent/uploads/views.py','DocumentView','UploadedDocument',keep=('kept_because',))
cls('agent/outcomes/views.py','TellingRow','Telling',keep=('what_to_do',))
cls('agent/outcomes/views.py','WeightView','ProposedWeight',keep=('now',))
cls('agent/coaching/views.py','PlannedView','PlannedCriterion',keep=('avoid','mark'))
cls('agent/profiles/views.py','BaselineView','Baseline',keep=('missing','provisional','since'))
rw('agent/profiles/views.py',('''        facts = {name: getattr(baseline, name) for name in cls.model_fields if name != "since"}
        return cls(**facts | {"calls": list(baseline.calls)}, since=changed_since(space, baseline))
''','''        return super().of(baseline, since=changed_since(space, baseline))
'''))
