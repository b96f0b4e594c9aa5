"""The wording that gives away what a question asks for, as regular expressions over plain questions in English."""

import re

MARK = re.compile(r"^\s*(?:(?:[-*•–]|\(?\d{1,2}[.):]|q\d{0,2}[.):])\s+)+", re.IGNORECASE)
STRAIGHT = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "？": "?", "！": "!", "。": ".", "؟": "?"}
)
SENTENCE = re.compile(r"[^.?!]+[.?!]*")

_OPENER = r"(?:(?:and|so|but|then|well|okay|ok|now|or|also)\b,?\s+)*"
_AUX = r"(?:did|do|does|is|are|was|were|have|has|had|can|could|will|would|should)"
_TELLING = (
    r"(?:tell|walk|take|describe|show|explain|share|give|talk|say more|help me|elaborate|recount|go back|run|bring|"
    r"mind|please|paint|go through|start|outline|list|name|recall|remember what|think back|speak)"
)
_ADVERB = r"(?:\w+ly\s+|in the end\s+|first\s+|most\s+|almost\s+)?"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)


INVITES = _any(rf"^{_OPENER}(?:(?:can|could|would|will) you (?:please )?{_TELLING}\b)", rf"^{_OPENER}{_TELLING}\b")

RATIONALISATION = _any(
    rf"^{_OPENER}why\b",
    r"[,:;-] (?:and |but |so )?why (?:did|didn't|do|don't|was|wasn't|were|weren't|is|have|not)\b",
    r"\b(?:tell me|explain|understand|say|describe|know|share|is|remember|recall) (?:exactly |to me |us )?why\b",
    r"\band why\b",
    r"\bhow come\b",
    rf"\bwhat {_ADVERB}(?:made|led|drove|convinced|persuaded|motivated|prompted|pushed|moved|inspired|brought)"
    r" (?:you|your|them|the (?:team|committee|board|company|business|cfo|ceo|group|buyers?|decision))\b",
    rf"\bwhat {_ADVERB}(?:swayed|tipped|decided|sealed|clinched|determined|influenced|drove|won|killed|sold|persuaded)\b",
    rf"\bwhat {_ADVERB}(?:stopped|kept|prevented|held) (?:you|your \w+|them|the (?:team|committee|board|company))\b",
    r"\bwon you over\b|\btipped the (?:balance|scales?)\b|\bsold you on\b|\bmade the difference\b|\bmade up your mind\b",
    r"\b(?:reasons?|rationale|motives?|motivations?) (?:for|behind|that|why|you|to|did|were|was|of|your)\b",
    r"\b(?:for what|what was the|what were (?:the|your)) (?:\w+ ){0,3}(?:reasons?|rationale|motivation)\b",
    r"\bfactors?\b",
    r"\b(?:deciding|decisive|decision|selection|key|main|top|buying|purchase) (?:criteria|criterion|drivers?|points?)\b",
    r"^\W*(?:and |so )?how did (?:you|your \w+) (?:\w+ly )?(?:decide|choose|pick|settle on|come to (?:the|a|your)|"
    r"arrive at|make (?:the|your|a) (?:decision|choice))",
    r"\b(?:explain|justify|account for) (?:your|the|that) (?:decision|choice)\b",
    r"\bwhat was it (?:about|that|in)\b",
    r"\b(?:mattered|counted|weighed) (?:the )?most\b|\b(?:was|were) (?:the )?most (?:important|decisive|influential)\b",
    r"\bwhat makes (?:you|your \w+|them|people) \w+",
    r"\bdeciding (?:moment|point|issue|vote)\b",
)

# After "how": a word of measure asks for a degree, unless what it measures is a fact (how long, how many calls).
_FACTS_AFTER_HOW = (
    r"(?:many|long|much|often|soon|quickly|fast|far|early|late|old|big|large|detailed|frequently|recently|exactly|else|then|"
    r"first|precisely|about|come|did|do|does|is|are|was|were|has|have|had|can|could|will|would|should|might|"
    r"the|a|your|you|to|it|we|they|he|she|this|that|in|on|so|specifically|actually|finally|eventually)"
)
_TEN = r"(?:\d{1,3}|zero|one|five|seven|ten|hundred)"
RATING = _any(
    r"\bon an? (?:\w+ )?scale\b",
    rf"\b(?:from )?(?:0|1|zero|one) (?:to|through) {_TEN}\b",
    rf"\bout of (?:{_TEN})\b(?! the)",
    r"\b(?:would|do|did|could|can) you (?:\w+ )?(?:rate|rank|score|grade|gauge)\b",
    rf"^{_OPENER}(?:please )?(?:rate|rank|score|grade)\b",
    r"\bhow many (?:stars|points)\b|\bwhat (?:score|rating|grade|mark|number)\b",
    r"\bto what (?:extent|degree)\b",
    rf"(?:^|[.?!,:;] (?:and |so )?|^(?:and|so|but),? )how (?!{_FACTS_AFTER_HOW}\b)\w+(?: \w+)? "
    r"(?:did|do|does|is|are|was|were|has|have|had|would|will|can|could)\b",
    r"\bhow much (?:did|do|does|would|has) .{0,60}\b(?:help|matter|influence|affect|count|weigh|like|enjoy|love|trust|"
    r"value|contribute|play|impact|hurt)\b",
    r"\bhow (?:satisfied|likely|important|happy|confident|well) (?:you|it|that|we|our|your|the)\b|\blikelihood\b",
    r"\bfrom not at all to\b|\b(?:percent|percentage|degree) (?:of )?(?:satisf|confiden)",
)

_SUBJECT = (
    r"(?:you|he|she|they|we|it|i|the|our|your|their|his|her|this|that|there|those|these|any\w*|some\w*|every\w*|a|an|"
    r"all|both|[A-Z]\w+)"
)
_KNOWS = r"(?:remember|recall|know|think back to|tell me)"
INDIRECT = re.compile(
    rf"^{_OPENER}(?:do|did|can|could|would) you (?:still |happen to )?{_KNOWS} "
    r"(?:\w+ )?(?:what|who|whom|which|when|where|how|the (?:exact )?(?:words|question|moment))\b",
    re.IGNORECASE,
)
YES_NO = _any(
    rf"^{_OPENER}{_AUX}(?:n't)? (?!(?:a|the)? ?look\b)\w",
    rf"^{_OPENER}(?:any|anything|anyone|anybody|ever)\b",
    r"\b(?:tell me|remember|recall|know|say) (?:if|whether)\b",
    r"\b(?:yes or no|or not)\b",
)
# Case counts here: a capital after the auxiliary is a name.
YES_NO_LATER = re.compile(rf"[,:;-] (?:and |but |or |so |then )?{_AUX}(?:n't)? {_SUBJECT}\b")
TAG = re.compile(
    r", (?:right|correct|yes|no|yeah|eh|agreed|don't you think|wouldn't you (?:say|agree)|"
    rf"{_AUX}n't (?:you|it|he|she|they|we|that|there))\s*\?",
    re.IGNORECASE,
)

_PRAISE = (
    r"(?:amazing|great|excellent|fantastic|superior|outstanding|awesome|wonderful|impressive|superb|brilliant|"
    r"best[- ]in[- ]class|world[- ]class|unbeatable|industry[- ]leading|generous|smooth|seamless)"
)
_BLAME = (
    r"(?:frustrating|badly|awful|terrible|poor|poorly|bad|annoying|painful|disappointing|horrible|clunky|confusing|"
    r"pushy|aggressive|overpriced|weak|sloppy|slow|disappointed|frustrated|annoyed)"
)
LEADING = _any(
    rf"^{_OPENER}(?:\w+, )?(?:did|do|does|is|are|was|were|have|has|had|would|should|could|ca|wo)n't\b",
    r"\b(?:would|do|wouldn't|don't) you (?:not )?agree\b|\b(?:is|isn't|was|wasn't) it (?:true|fair)\b|\bis it fair to say\b",
    r"\bi(?:'d| would)? (?:assume|imagine|guess|suppose|take it|bet|gather|expect|trust|presume|sense|"
    r"understand that|believe|think)\b",
    r"\b(?:obviously|surely|undoubtedly|of course|no doubt|naturally|as you know|as we all know|admittedly|certainly)\b",
    r"^\W*clearly\b|\bit(?:'s| is| was) clear that\b|\bthere must have been\b|\byou must (?:have|be)\b",
    rf"^{_OPENER}(?:since|given (?:that|how|what|our|the|their)|considering|seeing (?:that|how)|now that) [^?]{{5,}}, "
    r"(?:what|how|why|who|when|where|which|did|was|were)\b",
    r"^\W*(?:most|many|all|other) (?:of )?(?:our )?(?:customers|clients|buyers|people|companies)\b[^?]*\?",
    r"\b(?:everyone|everybody|people) (?:tells?|says?|loves?|agrees?)\b",
    rf"\bhow {_PRAISE} (?:was|were|is|are|did)\b|\bhow (?:really |very |so )?{_BLAME} (?:was|were|is|are|did|have|do)\b",
    rf"\b(?:our|their|the|such an?|his|her) (?:truly |really |very )?{_PRAISE} \w+",
    rf"\b(?:our|their|the|his|her|such an?) (?:truly |really |very )?{_BLAME} \w+",
    r"\bwhat (?:did|do) you (?:\w+ )?(?:love|hate|enjoy|adore)\b|\bhow much (?:did|do) you (?:love|like|enjoy|hate)\b",
    r"\bwhat (?:was|is|made) .{0,20}\bso \w+",
    r"\bwhat (?:\w+ )?(?:annoyed|frustrated|bothered|disappointed|impressed|delighted|excited|upset|irritated|scared)\b",
    r"\bhow (?:badly|much) (?:did|does|has) .{0,50}\b(?:hurt|suffer|damage)\b",
    r"^\W*(?:so )?(?:you|they|it|we) (?:were|was|felt|liked|disliked|loved|hated|wanted|must|did|found|decided|had)\b[^?]*\?",
)

HYPOTHETICAL = _any(
    r"\b(?:would|could|should|might)(?:n't)? (?:\w+ ){0,4}?have \w+",
    r"\bwhat if\b|\b(?:imagine|suppose|supposing|pretend|picture this|let's say|assuming|hypothetically)\b(?<!i imagine)"
    r"(?<!i suppose)",
    r"\bin an? (?:ideal|perfect) world\b|\bideally\b|\bdream (?:vendor|partner|rep|process|product)\b|\bmagic wand\b",
    r"\bif (?:you|we|they|he|she|it|the|our|your|i|price|tom|\w+) (?:\w+ ){0,5}?"
    r"(?:had|were|could|would|was to|did|built|made|sold|gave|\w+ed)\b"
    r".{0,90}\b(?:would|could|might)\b",
    r"\b(?:would|could|might)\b.{0,60}\bif (?:you|we|they|he|she|it|the|our|your|i) (?:\w+ ){0,4}?"
    r"(?:had|were|could|did|offered|\w+ed)\b",
    r"^\W*(?:had|were) (?:we|you|they|he|she|it|our|the|your) .{3,80}, (?:would|could|might|what|how)\b",
    r"\b(?:what|how much|how|who|which|where|when) (?:else )?(?:would|should|might)\b"
    r"(?! you (?:say|describe|rate|rank|score|grade|call|put|place|give|mind)\b)",
    r"\bwhat (?:\w+ ){1,3}would (?!you (?:say|describe|rate|rank|score|grade|call|put|place|give)\b)",
    rf"^{_OPENER}(?:would|should)(?:n't)? (?!you (?:please )?(?:mind|{_TELLING}|agree|say|describe|rate|rank|score|"
    r"like to tell)\b)\w+",
    r"\bwhat (?:advice|tips?)\b|\b(?:do|did) you wish\b|\bthing (?:\w+ )?(?:we|they|the \w+|he|she) (?:should|could)\b",
    r"\bwhat (?:happens|would happen|do you do) if you (?:don't|didn't|do not)\b",
    r"\bwhat would it take\b|\b(?:next time|in (?:the )?future|going forward|from now on|one day)\b",
    r"\bwhat (?:could|can|should) (?:we|our|the (?:rep|team|vendor)|they|he|she|i)\b.{0,60}"
    r"\b(?:better|differently|change|instead|more)\b",
    r"\b(?:do|are|will) you (?:plan|planning|going|intend|ever) .{0,40}\b(?:again|buy|renew|reconsider)\b",
)

_VERDICT = (
    r"(?:useful|helpful|fair|good|bad|clear|easy|hard|pushy|competitive|reasonable|comfortable|convincing|satisfied|"
    r"happy|pleased|professional|relevant|valuable|better|worse|worth\w*|expensive|cheap|high|important|confident|"
    r"impressed|impressive|disappointed|disappointing|knowledgeable|friendly|honest|trustworthy|responsive|attentive|"
    r"satisfactory|satisfying|adequate|appropriate|too \w+|enough|interesting|interested|engaging|intuitive|strong|weak|"
    r"effective|prepared|complicated|confusing|overwhelming|what you expected|a good fit|the right fit|great|excellent)"
)
# "How did you find us?" asks where one looked; "How did you find the demo?" asks for a judgement.
_FOUND = (
    r"(?:(?:the|your|these|those|any|other|our) )?(?:\w+ )?(?:us|them|vendors?|suppliers?|providers?|compan(?:y|ies)|names?|"
    r"candidates|options|alternatives|information|people|someone|somebody)\b"
)
_JUDGES = r"(?:like|enjoy|love|hate|dislike|prefer|appreciate|think|feel|believe|trust|value)"
OPINION = _any(
    r"\bwhat (?:do|did) (?:you|your \w+|they|everyone|people) (?:\w+ )?(?:think|feel|believe|make) (?:of|about|was|is|were|"
    r"we|our|the|went)\b|\bwhat (?:do|did) (?:you|your \w+) think\b",
    r"\bhow (?:do|did|does) (?:you|your \w+|they|that|it|this|(?:the|our|their) \w+) (?:\w+ ){0,3}?feel\b",
    rf"^{_OPENER}(?:tell|describe|explain)\b.*\bhow you felt\b|\bwhat (?:do|does|did) .{{2,40}} mean to (?:you|your \w+)\b",
    r"\b(?:are|is|were|was) (?:we|they|our \w+|the \w+) (?:perceived|seen|viewed|regarded)\b|\bhow (?:do|did|does) "
    r"(?:we|they) differ\b",
    r"\b(?:opinions?|impressions?|perceptions?|verdict|gut feeling|feelings?|overall sense|feedback)\b",
    r"\b(?:your|the team's|their) (?:\w+ )?(?:take|view|views|thoughts|perspective|assessment|reaction to our)\b",
    r"\bin your (?:view|eyes|mind|opinion|judg\w+)\b|\bas you see it\b|\bwhat do you see as\b",
    rf"\b(?:what|which|how much|how well|how) (?:\w+ )?(?:did|do) you (?:\w+ )?(?:{_JUDGES[3:-1]})\b",
    rf"\b(?:do|did|does) (?:you|your \w+|they) (?:\w+ )?find (?!out\b|yourself\b|it necessary\b|{_FOUND})\w",
    rf"\b(?:do|did|does|don't|didn't) (?:you|your \w+|they) (?:\w+ )?(?:{_JUDGES[3:-1]})\b(?! (?:out|yourself))",
    r"\b(?:stood out|stands out|stand out)\b|\bstruck you\b",
    r"\b(?:best|worst|favou?rite|strongest|weakest|hardest|easiest|trickiest) (?:\w+ )?(?:part|thing|aspect|feature|side|point|moment|about|of)\b",
    r"\b(?:strengths?|weaknesses|pros|cons|strong points?|weak points?|shortcomings)\b",
    r"\b(?:need|have|ought) to improve\b|\b(?:could|should|can|must) (?:\w+ )?(?:be )?improved?\b|\broom for improvement\b",
    r"\bcome across\b|\bcame across\b|\b(?:seem|seemed|seems)\b|\bsound(?:ed)? (?:like|convincing|interested)\b",
    r"\bwhat(?:'s| was| were| is) (?:\w+ )?(?:missing|lacking|wrong|good|bad|great|frustrating|difficult|annoying|hard)\b",
    r"\bwhat (?:kind|sort|type) of (?:person|rep|salesperson|vendor|company|people)\b",
    r"\bhow (?:do|does|did) .{2,50}\bcompare\b|\bhow (?:do|does|did) .{2,40}\b(?:stack|measure) up\b",
    r"\bwhat (?:was|is) so \w+\b",
    r"\bwhat (?:\w+ )?(?:annoyed|frustrated|bothered|disappointed|impressed|delighted|excited|upset|irritated) \w+",
    rf"(?:^|[,:;] (?:and |but |so )?|^(?:and|so|but),? ){_AUX}(?:n't)? (?:\w+ ){{1,6}}?(?<!for a ){_VERDICT}\s*[?,]?(?:\s|$)",
    rf"\b(?:you|they|your \w+) (?:\w+ )?(?:were|was|felt|are) (?:\w+ )?{_VERDICT} (?:with|about|by)\b.*\?$(?<!right\?)",
    r"\b(?:comfortable|happy|satisfied|pleased|unhappy|uncomfortable) with\b(?=.*\b(?:way|how)\b)",
    r"\bwhat was your experience\b|\bhow was (?:your|the) (?:overall )?experience\b|\bdescribe your (?:\w+ )?experience\b",
    r"\b(?:do|did|does|done|doing) (?:really )?(?:well|badly|right|wrong|poorly)\b|\bf[ae]ll short\b|\bmatters? most\b",
    rf"^{_OPENER}(?:tell|share|describe|explain)\b.*\b(?:what|how much) you (?:\w+ )?(?:liked|disliked|loved|hated|thought|enjoyed)\b",
)
HOW_WAS = re.compile(
    rf"^(?i:{_OPENER}(?:overall, )?how (?:was|were|is|are|did you find)) ((?:the|our|your|their|his|her|working|"
    r"dealing|it|[A-Z]\w+)\b[^?,.]{0,60})\?"
)
DONE = re.compile(
    r"\b(?:\w{2,}ed|\w{3,}en|brought|made|told|sent|set|put|done|run|held|found|shown|dealt|led|built|kept|left|met|"
    r"said|going|begun|won|lost|drawn|split|laid out|worked)\b",
    re.IGNORECASE,
)

_ASKS = r"(?:what|who|whom|whose|how|why|when|where|which)"
SECOND = _any(
    rf"[,;]? (?:and|or|but|as well as) (?:then |also |if so,? )?(?:{_ASKS}) "
    r"(?:about|did|do|does|is|are|was|were|has|have|had|would|could|can|else|came|brought|got|made|exactly|the|you|"
    r"your|they|she|he|it|happened|much|many|long|well|often|soon|\w+ed)\b",
    rf"[,;]? (?:and|or|but) (?:also |then )?{_AUX}(?:n't)? (?:you|he|she|they|we|it|the|our|your|their|his|her|any\w+)\b",
    rf"[,;] (?:and|or|but) (?:also |then )?{_AUX}(?:n't)? \w+",
    rf"\bif so,? {_ASKS}\b|\bif not,? {_ASKS}\b",
    r"[,;] and why\b| and why\?",
)
# Two facts of one story, told in one breath, are one question: "who called whom, and what was said?", "which reference
# did you call, and what did they tell you?". The second half points back at the first or asks how it went on; a reason,
# a judgement, a yes or no, or another subject makes it a second question.
SAME_STORY = re.compile(
    r"^[^,;?]+?[,;]? and (?:what|who|whom|how|where|when|which) (?!about\b)(?:"
    r"(?:[\w']+ ){0,7}?(?:it|they|them|he|she|him|that|this|those|these|there|each|one)\b[^,;?]*"
    r"|(?:[\w']+ ){0,4}?(?:said|agreed|decided|shown|promised|involved|doing|turn out|find|do|say|answer|hear)"
    r"|(?:was |were |is |are |else )+(?:\w+ )?(?:involved|present|there|responsible)\b[^,;?]*"
    r"|happened(?: then| next| after\w*)?)(?:,? when\b[^?]*)?\?$",
    re.IGNORECASE,
)
# The closing question of every guide, which supposes nothing.
CLOSING = re.compile(r"\banything (?:else )?(?:that )?(?:i|we) should (?:also )?have asked\b", re.IGNORECASE)
FRONTED = re.compile(
    rf"^{_OPENER}(?:when|after|before|while|once|as|if|because|since|although|whenever)\b[^,?]*, ", re.IGNORECASE
)
PAIR = _any(
    r"\b(?:your|our|the|their|his|her) (?:\w+ )?\w+ and (?:(?:of|with|about|for|on) )?(?:your|our|the|their|his|her) \w+",
    r"\b(?:with|about|for|on|of) (?:\w+ )?\w+ and (?:with|about|for|on|of) \w+",
    r"^how \w+ (?:was|were|is|are) (?:the |our |your )?\w+ and (?:the |our |your )?\w+",
)
JUDGED = _any(r"\bhandle[sd]?\b", r"\baddress(?:ed)?\b", r"\bdeal with\b", r"\brespond to\b")


_ACT = (
    r"(?:ask\w*|say|says|said|tell|told|show\w*|do|does|did|done|send|sent|bring|brought|respond\w*|promise\w*|offer\w*|"
    r"answer\w*|explain\w*|propos\w*|react\w*|find out|found out|write|wrote|call\w*|suggest\w*|mention\w*|handle\w*|"
    r"open\w*|help\w*|repeat\w*|present\w*|demonstrat\w*|agree\w*|raise\w*|introduc\w*|put|use\w*|work\w*|take|took|name\w*)"
)
_ACTOR = (
    r"(?:the (?:\w+ )?(?:rep|reps|seller|salesperson|salespeople|account executive|engineer|vendor|team)|rep|she|he|they|we|"
    r"our \w+|their \w+|someone|anyone|who|(?!(?:What|How|Who|When|Where|Which|Why|Whose)\b)[A-Z][a-z]+)"
)
ACTED = re.compile(rf"\b{_ACTOR}(?:'s \w+)? (?:\w+ ){{0,2}}?{_ACT}\b|\bwhat (?:words|questions?)\b")
HAPPENED = _any(
    r"\bwhat (?:\w+ )?happened\b|\bthen what\b|\bwhat was (?:\w+ )?(?:said|asked|agreed|shown|promised)\b",
    r"\b(?:walk|take|run|talk) me (?:back|through)\b|\bstep by step\b",
    r"\b(?:tell me|hear|describe|example) (?:more )?(?:about|of|from)? ?(?:\w+ ){0,4}?"
    r"(?:time|moment|call|conversation|meeting|demo|day|week|talks|trial|review|example|something)\b",
    r"\bhow did (?:the|that|it|this) (?:\w+ )?(?:call|meeting|conversation|demo|it) (?:end|start|begin|go on)\b",
)
