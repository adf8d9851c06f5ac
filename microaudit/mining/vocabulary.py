"""The words under which task sites show the parts of a task, in English, Spanish, French, Portuguese, German,
Italian and Russian; folded: lower case, without accents."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LABELS = {
    "id": "id|job id|task id|campaign id|ref|reference|job no|task no|job number|task number|job code|job ref|task ref"
    "|numero|referencia|id tarea|id de tarea|reference de la mission|numero de mission|id mission|id da tarefa"
    "|auftragsnummer|auftrags-id|aufgaben-id|auftrag nr|aufgabe nr|kennung|codice|rif|riferimento|id compito"
    "|id lavoro|номер|номер задания|id задания|№|n°|nº|nr",
    "title": "title|job|task|job title|task title|job name|task name|campaign|campaign name|name of job|jobs|tasks"
    "|titulo|tarea|trabajo|nombre de la tarea|titulo de la tarea|titre|tache|mission|travail|intitule|taches|missions"
    "|titulo da tarefa|tarefa|trabalho|titel|aufgabe|auftrag|bezeichnung|titolo|compito|lavoro|incarico|attivita"
    "|название|задание|задача|работа|заголовок",
    "reward": "pay|pays|payment|payout|reward|earn|earns|earning|earnings|you earn|you will earn|you get|bounty|paid"
    "|you'll earn|job pays|will pay|salary|pay rate|we pay|wage|worker earns|compensation|fee"
    "|pago|paga|recompensa|ganas|ganaras|ganancia|remuneracion|usted gana|usted ganara|se paga|pago por tarea"
    "|paiement|remuneration|recompense|gain|gains|vous gagnez|vous gagnerez|tarif|paye|salaire|prime"
    "|pagamento|ganho|voce ganha|ganhos|remuneracao|voce recebe|paga-se"
    "|bezahlung|vergutung|verdienst|lohn|honorar|belohnung|sie verdienen|du verdienst|verdienen|entlohnung"
    "|compenso|ricompensa|guadagno|guadagni|guadagnerai|retribuzione|paga per lavoro|remunerazione"
    "|оплата|вознаграждение|вы заработаете|вы получите|награда|плата|заработок",
    "price": "price|cost|value|amount|rate|precio|importe|valor|prix|montant|preco|betrag|preis|prezzo|importo|цена"
    "|стоимость|сумма",
    "positions": "work done|done|jobs done|job done|progress|positions|slots|spots|places|workers|completed|filled"
    "|completions|tasks|positions filled|slots filled|workers needed|positions needed|total positions|quantity|needed"
    "|plazas|hechos|hecho|completados|completadas|realizadas|puestos|cupos|avance|progreso|trabajadores"
    "|effectues|effectue|faits|fait|postes|realisees|realise|avancement|progression|nombre de places"
    "|vagas|feitos|feito|concluidas|concluidos|posicoes|posiciones|progresso|total de vagas"
    "|platze|erledigt|stellen|fortschritt|anzahl|benotigt|abgeschlossen|plätze"
    "|posti|completati|posizioni|fatti|svolti|eseguiti|avanzamento|место|мест|выполнено|сделано|количество"
    "|исполнителей",
    "positions_open": "available|left|remaining|open|available positions|positions available|positions left|slots left"
    "|jobs left|open positions|open slots|free slots|slots available|places left|tasks available|spots left"
    "|positions remaining|tasks left|still open|jobs available|vacancies|remaining positions|slots open"
    "|disponibles|restantes|libres|quedan|plazas disponibles|plazas libres|plazas restantes|puestos disponibles"
    "|places disponibles|places restantes|restants|disponible|reste|postes restants|postes disponibles"
    "|disponiveis|vagas disponiveis|vagas restantes|vagas abertas|restam|livres"
    "|frei|verfugbar|verbleibend|ubrig|offen|freie platze|offene platze|noch frei|restliche platze|freie stellen"
    "|disponibili|rimanenti|liberi|rimasti|posti disponibili|posti rimasti|posti liberi|posti rimanenti"
    "|осталось|доступно|свободно|осталось мест|свободных мест",
    "minutes": "time|duration|minutes|minute|mins|time needed|time required|time to finish|time to complete|min"
    "|estimated time|est time|est. time|takes|this task takes|this job takes|completion time|time limit|work time"
    "|this task takes less than|this job takes less than"
    "|tiempo|duracion|minutos|tiempo estimado|tiempo necesario|temps|duree|temps estime|temps necessaire"
    "|duree estimee|tempo|duracao|tempo estimado|tempo necessario|zeit|dauer|minuten|zeitaufwand|bearbeitungszeit"
    "|zeitbedarf|arbeitszeit|geschatzte zeit|durata|minuti|tempo stimato|tempo richiesto|время|минут|длительность"
    "|время выполнения",
    "success_rate": "success|success rate|approval|approval rate|satisfaction|success ratio|acceptance|acceptance rate"
    "|exito|tasa de exito|aprobacion|tasa de aprobacion|succes|reussite|taux de reussite|taux de succes"
    "|taux d'acceptation|taux d'approbation|sucesso|taxa de sucesso|aprovacao|taxa de aprovacao"
    "|erfolg|erfolgsquote|erfolgsrate|annahmequote|zustimmung|successo|tasso di successo|riuscita|approvazione"
    "|percentuale di successo|tasso di approvazione|успех|успешность|процент успеха|одобрение",
    "worker_country_text": "country|countries|location|allowed countries|available to|open to|workers from|region"
    "|who can work|accepted countries|countries allowed|geo|worker countries|available in|eligible countries"
    "|country restriction|targeted countries|target countries|you can accept this job if you are from"
    "|any of these countries"
    "|you must be from any of these countries|this job is available to|allowed|accepted from|who can do this job"
    "|workers must be from|workers country|for workers from|only for"
    "|pais|paises|paises permitidos|paises admitidos|disponible para|paises aceptados|trabajadores de"
    "|puedes aceptar este trabajo si eres de"
    "|pays|pays autorises|pays acceptes|ouvert a|reserve aux pays|vous pouvez accepter ce travail si vous etes de"
    "|pays admis|paises aceitos|disponivel para|paises aceites|zugelassene lander"
    "|land|lander|erlaubte lander|offen fur|verfugbar fur|aus folgenden landern"
    "|paese|paesi|paesi ammessi|paesi consentiti|nazioni|disponibile per|aperto a|paesi accettati"
    "|страна|страны|доступно для|разрешенные страны",
    "category": "category|type|job type|task type|job category|section|kind|group|categoria|tipo|tipo de tarea"
    "|categorie|type de tache|tipo de tarefa|kategorie|art|typ|rubrik|tipologia|категория|тип|раздел|rubrique",
    "posted_at": "posted|started|date|added|date posted|published|created|posted on|start date|date added|age|listed"
    "|publicado|fecha|iniciado|publicado el|fecha de publicacion|creado|publie|publie le|ajoute|poste le|date d'ajout"
    "|mise en ligne|data|publicado em|iniciado em|veroffentlicht|datum|eingestellt|gestartet|erstellt|eingestellt am"
    "|pubblicato|pubblicato il|inserito|inserito il|avviato|опубликовано|дата|добавлено|создано",
    "expires_at": "expires|expiry|deadline|ends|expires on|end date|valid until|closes|expire|closing date|until"
    "|expira|vence|caduca|fecha limite|finaliza|expire le|echeance|date limite|fin|expira em|prazo|termina"
    "|lauft ab|endet|frist|gultig bis|endet am|ablauf|scade|scadenza|scade il|termina il|истекает|срок|до"
    "|заканчивается",
    "buyer": "employer|posted by|requester|buyer|client|owner|advertiser|campaign owner|customer|job owner|by"
    "|empleador|publicado por|cliente|anunciante|solicitante|employeur|publie par|annonceur|poste par|donneur d'ordre"
    "|empregador|auftraggeber|arbeitgeber|kunde|eingestellt von|datore di lavoro|committente|inserzionista"
    "|pubblicato da|datore|заказчик|работодатель|автор|клиент",
    "buyer_country_text": "employer country|employer from|buyer country|country of employer|employer location"
    "|client country|pais del empleador|pays de l'employeur|pais do empregador|land des auftraggebers"
    "|paese del datore|страна заказчика",
    "description": "description|job description|task description|instructions|what is expected|steps|details"
    "|what to do"
    "|what is expected from workers|job details|task details|what you need to do|instruction|task instructions"
    "|job instructions|how to do it|requirements|your task|steps to complete|what do you need to do|the job|the task"
    "|what workers need to do|what you have to do|work description|tasks to do|what is required"
    "|descripcion|instrucciones|pasos|que hay que hacer|que se espera de los trabajadores|que tienes que hacer"
    "|descripcion de la tarea|que se espera|detalles|descripcion del trabajo|lo que hay que hacer"
    "|consignes|etapes|ce qu'il faut faire|que faut-il faire|ce qui est attendu|travail demande"
    "|ce que vous devez faire"
    "|description de la tache|description du travail|description de la mission|a faire"
    "|descricao|instrucoes|passos|o que fazer|o que e esperado|descricao da tarefa|o que voce deve fazer"
    "|o que deve ser feito|beschreibung|anleitung|schritte|was ist zu tun|aufgabenbeschreibung|anweisungen"
    "|was wird erwartet|auftragsbeschreibung|was zu tun ist|descrizione|istruzioni|passi|cosa fare|cosa bisogna fare"
    "|descrizione del lavoro|cosa e richiesto|cosa ci si aspetta|descrizione del compito|passaggi"
    "|описание|инструкция|инструкции|шаги|что нужно сделать|что сделать|описание задания",
    "proof": "proof|required proof|proof of completion|proof required|what to submit|submit proof|evidence"
    "|proof needed"
    "|required proof that task was finished|required proof that the task was finished|proof of work|proofs"
    "|required proof that this task was finished|proof of task|proofs required|how to prove|what proof is needed"
    "|how to prove you done it|how to prove you did it|submit as proof|work proof|proof that the job was done"
    "|prueba|pruebas|prueba requerida|pruebas requeridas|prueba necesaria|prueba de finalizacion|que enviar"
    "|prueba de que la tarea fue terminada|comprobante|prueba exigida|prueba solicitada"
    "|preuve|preuves|preuve demandee|preuves demandees|preuve requise|preuves requises|justificatif|preuve a fournir"
    "|preuves a fournir|preuve exigee|preuve de realisation"
    "|prova|provas|prova necessaria|prova exigida|provas exigidas|comprovante|comprovacao|prova requerida"
    "|nachweis|nachweise|erforderlicher nachweis|beweis|beleg|benotigter nachweis|erforderliche nachweise"
    "|nachweis der erledigung"
    "|prova richiesta|prove richieste|prove|cosa inviare|prova di completamento|prova del lavoro"
    "|доказательство|доказательства|подтверждение|отчет|что нужно для отчета|требуемое доказательство",
    "status": "status|job status|state|estado|statut|stato|статус|estatus",
    "unread": "time to rate|ttr|rated within|tasks will be rated within|max positions per worker|level|rating time"
    "|maximum positions per worker|action|actions|apply|view|bonus|minimum|balance|views|rating|ranking|limit"
    "|max per worker|per worker|approval time|review time|worker level|accion|aktion|azione|akzeptieren|действие"
    "|note|notes|nota|notas|hinweis|remarque|remarques|attention|warning|comments|submit|tags|speed",
    # Words of lists that are no task lists.
    "other": "user|username|user name|member|worker|paid to|withdrawal|withdrawn|method|payment method|rank|replies"
    "|topic|thread|last post|transaction|transaction id|total earned|paid on|payment date|processor|tasks done|joined"
    "|price list|quantity in stock|in stock|stock|add to cart|author|forum|posts|delivery|plan|package|service"
    "|usuario|miembro|retirado|respuestas|tema|utilisateur|membre|reponses|sujet|retrait|benutzer|mitglied|antworten"
    "|thema|auszahlung|utente|membro|risposte|argomento|prelievo|пользователь|участник|ответы|тема|выплата"
    "|retiro|saque"
    "|resposta|respostas|utilizador|tasks completed|jobs completed|total paid|amount paid|product|produkt|prodotto"
    "|produit|producto|produto|товар|услуга|servicio|prestation|dienstleistung|servizio|servico",
}  # fmt: skip
_FIELDS = {phrase: name for name, phrases in reversed(LABELS.items()) for phrase in phrases.split("|")}
LONGEST_LABEL = max(len(phrase.split()) for phrase in _FIELDS)
TASK_WORDS = re.compile(
    r"(?:^|[^a-z])(?:(?:micro|view|show|mini|do|my|the|hm_?|open)?[_-]?(?:jobs?|tasks?|campaigns?|hits?|works?|gigs?)"
    r"|tareas?|trabajos?|mission|missions|taches?|travail|tarefas?|trabalhos?|aufgaben?|auftrag|auftraege|compit[oi]"
    r"|lavor[oi]|incaric(?:o|hi)|zadani[ey])(?:[^a-z]|details?|info|view|desc|page|$)"
)
OTHER_PAGES = re.compile(
    r"\b(?:packages|advertis(?:e|ing)|referrals?|contest|payment proofs?|proofs? of payments?|payments? made"
    r"|payouts?|top (?:earners?|workers?|members?|employers?)"
    r"|leaderboard|statistics|stats|forum|blog|news|faq|frequently asked|help|shop|store|cart|price ?list|prices"
    r"|pricing"
    r"|contact|about us|terms|privacy|recent payments|latest payments|hall of fame|ranking|testimonials|log ?in"
    r"|sign in"
    r"|pruebas de pago|estadisticas|foro|noticias|preguntas frecuentes|tienda|precios|preuves? de paiement"
    r"|statistiques|actualites|boutique|tarifs|nos tarifs|classement|comprovantes?|estatisticas|loja|precos"
    r"|zahlungsnachweise|auszahlungen|statistik|neuigkeiten|preisliste|rangliste|prove di pagamento|pagamenti"
    r"|statistiche|negozio|listino|classifica|notizie|новости|статистика|форум|магазин|цены|прайс|выплаты)\b"
)
OTHER_ADDRESSES = re.compile(
    r"(?:^|[^a-z])(?:users?|members?|profiles?|workers?|userinfo|product[os]?|products|items?|cart|shop|store|buy"
    r"|order|forums?"
    r"|topics?|threads?|viewtopic|viewforum|showthread|posts?|blog|news|articles?|faq|help|payments?|payouts?|proofs?"
    r"|download|checkout|pack(?:age)?s?|advertise|plans?|services?|author|tag|login|register|contact|page)(?:[^a-z]|$)"
)
CATEGORY_ADDRESSES = re.compile(
    r"(?:^|[^a-z])(?:cat|category|categories|categoria|categorie|kategorie|cat_?id|type|section)(?:[^a-z]|$)"
)
BUYER_ADDRESSES = re.compile(
    r"(?:^|[^a-z])(?:users?|members?|profiles?|userinfo|employers?|clients?|buyers?|requesters?|author)(?:[^a-z]|$)"
)
GENERIC = re.compile(
    r"\W*(?:(?:view|see|show|open|more|read|full|job|task|campaign|the|this|work)?\s*(?:details?|more|info"
    r"|information|job|task|view|here)"
    r"|apply(?: now)?|accept(?: (?:this )?(?:job|task))?|start(?: (?:this )?(?:job|task|now|working))?|go"
    r"|do (?:it|this job|this task|job)|work(?: now| on (?:it|this))?|take(?: it)?|submit(?: proof)?"
    r"|ver(?: mas| tarea| trabajo| detalles| tarefa| mais)?|aceptar|aplicar|detalles|voir(?: plus| la mission"
    r"| la tache)?|details?|accepter|postuler|en savoir plus|ansehen|anzeigen|mehr(?: infos?)?|annehmen"
    r"|details ansehen"
    r"|zum auftrag|zur aufgabe|vedi(?: dettagli)?|dettagli|accetta|candidati|leggi tutto|detalhes|aceitar"
    r"|candidatar|подробнее|открыть|взять|выполнить|click here|>+|»)\W*"
)
AVAILABLE = re.compile(
    r"(?:available |latest |new |current |open |all |newest |recent )?(?:jobs|tasks|campaigns|job list|task list"
    r"|job details?|task details?"
    r"|campaign details?|job description|task description|job information|task information|available|details?)"
    r"|tareas disponibles|detalles de la tarea|taches disponibles|missions disponibles|detail de la (?:mission"
    r"|tache)|details de la (?:mission|tache)"
    r"|tarefas disponiveis|detalhes da tarefa|aufgaben|verfugbare aufgaben|aufgabendetails|auftragsdetails"
    r"|compiti disponibili|lavori disponibili"
    r"|dettagli(?: del)? (?:lavoro|compito)|доступные задания|задания|детали задания"
)
CLOSED = re.compile(
    r"(?:closed|paused|finished|completed|inactive|expired|ended|stopped|full|cerrad[oa]|finalizad[oa]|pausad[oa]"
    r"|fermee?|terminee?"
    r"|expiree?|encerrad[oa]|fechad[oa]|geschlossen|beendet|abgelaufen|pausiert|chius[oa]|terminat[oa]|scadut[oa]"
    r"|закрыто|завершено)"
)
_PREFIXES = {"job", "task", "campaign", "the", "your", "est", "estimated", "total", "current", "de", "per", "of", "la"}
_SUFFIX = re.compile(
    r"\s*(?:\(.*\)|\[.*\]|per (?:task|job|worker|campaign|click)|por (?:tarea|tarefa)|par (?:tache|mission)"
    r"|(?:pro|je) (?:aufgabe|auftrag)|[$€£]|usd|eur|in min(?:utes)?|%)\s*$"
)
_EDGES = " \t\xa0:?*=-–—#.»>▲▼↑↓|•·,;!¿¡("


def fold(text: str) -> str:
    """Lower case without accents, character by character, so that places in the text stay what they are."""
    lowered = text.lower() if text.isascii() else "".join(map(_folded, text))
    return lowered.replace("’", "'")


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    lowered = unicodedata.normalize("NFD", character.lower())
    return lowered[:1] or character


@lru_cache(maxsize=8192)
def label_of(text: str) -> str:
    """The field that a text names, "" if it names none: `Pay:`, `Time (min)`, `Tasa de éxito`."""
    if not 0 < len(text) <= 80:
        return ""
    phrase = fold(text).strip(_EDGES)
    for candidate in (phrase, _SUFFIX.sub("", phrase).strip(_EDGES)):
        if name := _FIELDS.get(candidate):
            return name
        first, _, rest = candidate.partition(" ")
        if first in _PREFIXES and (name := _FIELDS.get(rest)):
            return name
    return "id" if text.strip() == "#" else ""
