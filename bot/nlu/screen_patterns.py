"""What the screen knows danger by: English patterns, and the plainest sentences of other languages.

All are read without regard to case, and with accents taken off.
"""

from __future__ import annotations

_END = (
    r"(?=\s*(?:$|[^\w\s'-]|(?:because|cause|since|and|but|so|or|after|please|today|tonight|now|"
    r"right)\b))"
)
_NOT = r"(?:do not|don'?t|dont|can ?not|can'?t|cant|do nt)"
_THEM = (
    r"(?:my (?:\w+ )?(?:mum|mom|mother|dad|father|parents?|wife|husband|partner|spouse|girlfriend|"
    r"boyfriend|son|daughter|child|kid|baby|brother|sister|gran\w*|nan|grand\w+|aunt\w*|uncle|"
    r"cousin|niece|nephew|friend|mate|flatmate|roommate|neighbour|neighbor|patient|colleague)|"
    r"he|she|they|him|her|them)"
)

CRISIS = (
    r"\b(?:want|wanna|wants|wanting|wish|like|ready|going|gonna|plan|planning|need)(?: to| i was| i"
    r" were)? (?:die|be dead|unalive|kill (?:my|him|her|them)sel\w+|end (?:it all|(?:my|his|her|"
    rf"their) life)|disappear for ?ever|commit suicide){_END}",
    rf"\b(?:wish|rather|better off) (?:i (?:was|were) |be |if i (?:was|were) |being )?dead{_END}",
    r"\b(?:better off without me|nobody would miss me|no one would miss me)\b",
    r"\b(?:kill|killing|hurt|hurting|harm|harming|cut|cutting|unalive)(?:ed)? ?my ?self\b",
    r"\b(?:she|he|they|daughter|son|wife|husband|partner|friend) (?:keeps?|is|has been|was) "
    r"(?:self[- ]harming|(?:cutting|hurting|harming) (?:him|her|them)sel\w+)\b",
    r"\b(?:end(?:ing)? (?:my (?:own )?life|it all)|want it all to (?:end|stop))\b",
    r"\b(?:i am|i'?m|im|feel(?:ing)?|been|getting) (?:so |very |really )?suicidal\b",
    rf"\bi {_NOT} (?:want to|wanna) (?:live|be alive|exist|be here any ?more|wake up any ?more)"
    rf"(?: any ?more)?(?: like this)?{_END}",
    rf"(?:^|[.!?]+ +|\bi )(?:just )?{_NOT} go on(?: any ?more| like this| living)?{_END}",
    rf"(?:^|[.!?]+ +|\bi )(?:just )?{_NOT} do (?:this|life) any ?more{_END}",
    r"\b(?:no reason to (?:live|go on)|(?<!\d)(?<!\d )kms|suicide note|goodbye note|"
    r"tak(?:e|ing) my own life)\b",
    r"\bthinking (?:of|about) (?:suicide|killing myself|ending (?:it|my life))" + _END,
    r"\bhow much\b.{0,30}\b(?:would|will|to|could) (?:it take to )?(?:kill|end) (?:me|myself)\b",
    r"\bi have (?:the )?(?:pills|tablets|a gun|a rope)\b.{0,25}\b(?:use|take|do it)\b",
    r"\bunaliv(?:ed?|ing)\b",
    r"\bpoint (?:of|in) (?:living|existing|being alive|(?:going|carrying) on)(?: any ?more)?"
    + _END,
    r"\b(?:wrote|written|writing) my (?:goodbye |last |final )?(?:note|letters?)(?: already)?"
    + _END,
)
_ATTACK = r"having a (?:seizure|stroke|heart attack)"
_HAVING = r"\b(?:i have|i'?ve got|i'?m having|i am having)"
EMERGENCY = (
    r"\b(?:i|he|she|my \w+) (?:can'?t|cannot|can not) breathe?(?: (?:right now|now|at all)|!+|$)",
    r"(?:^|[.!?]+ +)(?:help[ ,!]+)?can'?t breathe\b",
    rf"\b{_THEM} (?:is |has |'s )?(?:stopped breathing|not breathing|unconscious|unresponsive|"
    rf"turning blue|passed out|overdosed|overdosing|{_ATTACK}){_END}",
    rf"\b(?:i'?m|i am|i think i'?m) (?:overdosing|{_ATTACK}){_END}",
    rf"\b{_THEM} (?:has )?overdosed on (?:ket|k|pills|tablets|meds|medic|her|his|my|their)",
    rf"\b{_THEM} (?:won'?t|will not) wake up\b",
    r"\b(?:won'?t|will not|can'?t) wake (?:him|her|them) up\b",
    r"\b(?:took|taken|swallowed) (?:too much (?:ketamine|ket|k|medicine|medication)|too many "
    r"(?:pills|tablets)|all (?:of )?(?:my|the|her|his) (?:pills|tablets|medication|meds)|"
    r"an overdose)\b",
    r"\b(?:i|we|he|she|they|i'?ve|she'?s|he'?s|my \w+) (?:have |has |think i )?"
    r"(?:just |accidentally )?(?:took|taken|swallowed) (?:way |far )?too (?:much|many)"
    rf"(?: of (?:it|them))?{_END}",
    rf"{_HAVING} (?:a )?(?:\w+ )?(?:chest pain|pain in my chest) (?:right )?now\b",
    rf"{_HAVING} (?:crushing|severe) chest pain\b",
)

# The plainest sentences elsewhere, by language: whole, not denied, and with nothing after them that
# would turn their sense ("quiero morir de risa"). Without accents, as the screen reads.
CRISIS_ABROAD = {
    "Spanish": (
        r"quiero (?:morir(?:me)?|matarme|suicidarme|quitarme la vida|acabar con mi vida)",
        r"quiero estar muert[oa]|prefiero estar muert[oa]",
        r"me (?:quiero|voy a) (?:matar|suicidar)|me quiero (?:morir|quitar la vida)",
        r"voy a (?:matarme|suicidarme|quitarme la vida)",
        r"no quiero (?:seguir )?(?:vivir|viviendo|viv[oa])(?: mas| asi)?|no tengo ganas de vivir",
        r"(?:pienso|pensando|pensado) en (?:suicidarme|matarme|quitarme la vida|el suicidio)",
        r"(?:quiere|va a) (?:matarse|suicidarse|quitarse la vida)",
        r"se quiere (?:matar|morir|suicidar|quitar la vida)",
    ),
    "French": (
        r"je (?:veux|voudrais) (?:juste |vraiment )?(?:mourir|etre morte?|en finir)",
        r"je (?:veux|voudrais|vais) (?:me (?:tuer|suicider)|en finir avec la vie|mettre fin a "
        r"(?:mes jours|ma vie))",
        r"j'?ai (?:juste |vraiment )?envie de (?:mourir|me tuer|me suicider|en finir)",
        r"je (?:ne |n')?(?:veux|ai) plus (?:envie de )?vivre(?: comme ca)?",
        r"je pense (?:au suicide|a me (?:tuer|suicider))|je suis suicidaire",
        r"(?:il|elle|mon \w+|ma \w+) (?:veut|va) se (?:tuer|suicider)|(?:il|elle) veut mourir",
    ),
    "German": (
        r"ich (?:will|mochte|moechte) (?:nur noch |einfach (?:nur )?)?(?:sterben|tot sein)",
        r"ich (?:will|mochte|moechte|werde) mich (?:umbringen|toten|toeten)",
        r"ich (?:will|mochte|moechte|werde) mir das leben nehmen",
        r"ich (?:will|mochte|moechte|kann) (?:so )?nicht mehr (?:weiter)?leben|ich bringe? mich um",
        r"ich (?:habe|hab) (?:suizid|selbstmord)gedanken|ich bin suizidal",
        r"ich denke (?:\w+ ){0,2}(?:daran|darueber nach|daruber nach),? mich umzubringen",
        r"(?:er|sie|meine? \w+) will (?:sterben|sich (?:umbringen|das leben nehmen))",
    ),
    "Portuguese": (
        r"quero (?:morrer|me matar|me suicidar|matar-me|suicidar-me|acabar com a minha vida)",
        r"vou (?:me matar|me suicidar|matar-me|suicidar-me|tirar a minha vida)",
        r"nao (?:quero|aguento) mais viver|nao quero viver(?: mais| assim)?",
        r"(?:tenho|estou com) vontade de (?:morrer|me matar)|penso em (?:suicidio|me matar)",
        r"(?:ele|ela|meu \w+|minha \w+) quer (?:morrer|se matar|se suicidar)",
    ),
    "Italian": (
        r"voglio (?:morire|uccidermi|ammazzarmi|suicidarmi|farla finita|togliermi la vita)",
        r"mi (?:voglio (?:uccidere|ammazzare|suicidare)|uccido|suicido)|stanotte mi ammazzo",
        r"non voglio (?:piu )?vivere(?: cosi)?|ho voglia di (?:morire|uccidermi|farla finita)",
        r"penso (?:al suicidio|di (?:uccidermi|suicidarmi))|vuole (?:uccidersi|suicidarsi)",
    ),
    "Dutch": (
        r"ik wil (?:gewoon |echt |alleen maar )?(?:dood(?: zijn| gaan)?|doodgaan|sterven)",
        r"ik (?:wil|ga) (?:mezelf|me ?zelf) (?:doden|ombrengen|van kant maken)",
        r"ik wil niet meer (?:leven|wakker worden)",
        r"ik (?:wil|ga) (?:zelfmoord plegen|er een einde? aan maken)|ik maak er een einde? aan",
        r"ik denk aan zelfmoord|ik heb zelfmoordgedachten|ik ben suicidaal",
        r"(?:hij|zij|ze|mijn \w+) wil (?:dood|niet meer leven|zelfmoord plegen)",
    ),
    "Polish": (
        r"chce (?:umrzec|sie zabic|popelnic samobojstwo|odebrac sobie zycie|ze soba skonczyc)",
        r"chce skonczyc ze soba|zabije sie|nie chce (?:mi sie )?(?:juz )?zyc",
        r"mam mysli samobojcze|mysle o samobojstwie",
    ),
}
EMERGENCY_ABROAD = {
    "Spanish": (
        r"no puedo respirar(?: ahora(?: mismo)?)?|estoy teniendo un infarto",
        r"(?:el|ella|mi \w+) (?:no respira|ha dejado de respirar|no se despierta)",
        r"(?:el|ella|mi \w+) esta inconsciente",
        r"(?:tome|he tomado|ha tomado|se tomo) (?:demasiadas|todas (?:las|mis|sus)) pastillas",
    ),
    "French": (
        r"je (?:ne |n')?(?:peux|arrive) (?:pas|plus) (?:a )?respirer",
        r"(?:il|elle|m(?:on|a) \w+) (?:ne )?respire (?:pas|plus)",
        r"(?:il|elle|m(?:on|a) \w+) (?:est inconsciente?|(?:ne )?se reveille pas)",
        r"j'?ai (?:pris|avale) (?:trop de|tous (?:mes|les|ses)) (?:medicaments|comprimes|cachets)",
    ),
    "German": (
        r"ich (?:bekomme|kriege?) keine luft(?: mehr)?|ich kann nicht (?:mehr )?atmen",
        r"(?:er|sie|meine? \w+) (?:atmet nicht(?: mehr)?|ist bewusstlos|wacht nicht (?:mehr )?auf)",
        r"(?:zu viele|alle(?: meine| ihre| seine)?) tabletten (?:genommen|geschluckt)",
    ),
    "Portuguese": (
        r"nao consigo respirar|(?:ele|ela|m(?:eu|inha) \w+) (?:parou de respirar|nao acorda)",
        r"(?:ele|ela|m(?:eu|inha) \w+) (?:nao esta respirando|nao respira|esta inconsciente)",
        r"(?:tomei|tomou) (?:comprimidos demais|todos os (?:meus |seus )?comprimidos)",
    ),
    "Italian": (
        r"non riesco a respirare|(?:lui|lei|m(?:io|ia) \w+) non respira(?: piu)?",
        r"(?:lui|lei|m(?:io|ia) \w+) (?:e incosciente|non si sveglia|ha smesso di respirare)",
        r"(?:ho|ha) preso (?:troppe|tutte le(?: mie| sue)?) (?:pillole|pastiglie|compresse)",
    ),
    "Dutch": (
        r"ik kan niet (?:meer )?ademen|ik krijg geen (?:lucht|adem)(?: meer)?",
        r"(?:hij|zij|ze|mijn \w+) (?:ademt niet(?: meer)?|is bewusteloos|wordt niet wakker)",
        r"(?:te veel|alle(?: mijn)?) (?:pillen|tabletten) (?:geslikt|genomen|ingenomen)",
    ),
    "Polish": (
        r"nie moge oddychac|(?:on|ona|moj[ea]? \w+) (?:nie oddycha|jest nieprzytomn[aey])",
        r"(?:wzial|wziela|polknal|polknela|wzialem|wzielam|polknalem|polknelam) "
        r"(?:za duzo (?:tabletek|lekow)|wszystkie (?:tabletki|leki))",
    ),
}
