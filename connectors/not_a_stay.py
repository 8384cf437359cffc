"""Who gets nothing: the words by which feeds say that days are no guest's stay, or not yet, or not any more.

The words are data, one table for all languages; a connection's settings add to it (`not_a_stay`, `is_a_stay`). What
matters as much is *where* a word stands, for people are called Block, Holden and Pending, and flights are cancelled.
A word counts

1. as the event's STATUS, and behind a label for it in the title or the description ("Status: cancelled");
2. in the title as a part of its own: the whole title, or what signs part from the rest ("Hold - Anna", "[Cancelled]
   Anna", "Airbnb (Not available)"), words such as *booking* or *by host* beside it left aside;
3. at the beginning of the title, where nobody is called so ("Cancelled Anna Novak", "Not available until May");
4. as a whole line of the description, where nobody is called so, or with what follows such a word there ("Cancelled by
   the guest"); what is blocked only where the title names nobody.

Never as a part of a word or of a sentence. A comma or a slash parts only what nobody is called ("Block, Anna" is a
guest), and behind *Reserved* stands a name. What is cancelled beats what is not confirmed, and that beats what is
blocked. A block that carries a booking code or speaks of a guest may be a stay: that is unclear, and told, as is a
status that nobody knows, and a title of which no word can be a name (`connectors.everyday_words`). `is_a_stay` makes a
stay of what the table calls blocked or not confirmed by its title; a cancellation it never undoes.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from connectors.everyday_words import names_nobody
from connectors.words_of_titles import BLOCKED, NOT_CONFIRMED

LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINE = 500, 4_000, 300
"""Characters that are looked at."""


class Standing(StrEnum):
    """What an event is, by its words."""

    STAY = "stay"
    CANCELLED = "cancelled"
    OVER = "over"
    """The guest has left or did not come."""
    NOT_CONFIRMED = "not confirmed"
    BLOCKED = "blocked"
    """Nobody's stay: the owner's, the cleaners', or nobody's at all."""
    UNCLEAR = "unclear"
    """A status that nobody knows, or a block with a guest in it: no new access, and somebody should say what it is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an event is, and which word says so."""

    standing: Standing
    word: str = ""
    """As the table or the settings have it, in folded letters, or the event's STATUS; empty where it is a part of
    more. Never a guest's name."""
    where: str = ""
    """ "the title", "the description", "the status", for a sentence; empty for a stay."""


_TABLE: dict[Standing, dict[str, str]] = {
    Standing.CANCELLED: {
        "en": "cancelled, canceled, cancellation, cancelation, declined, denied, rejected, refused, withdrawn, "
        "expired, void, voided, deleted, removed, failed, not accepted, no longer valid, timed out, lapsed, "
        "canx, cnx, xld, cxl, cxld, cncl, cncld",
        "de": "storniert, storno, stornierung, annulliert, abgesagt, absage, abgelehnt, gestrichen, abgebrochen, "
        "verfallen, abgelaufen, zurückgezogen, gelöscht",
        "fr": "annulé, annulée, annulation, refusé, refusée, décliné, déclinée, rejeté, rejetée, expiré, expirée, "
        "supprimé, supprimée",
        "es": "cancelado, cancelada, cancelación, anulado, anulada, rechazado, rechazada, denegado, denegada, "
        "caducado, caducada, expirado, expirada, eliminado, eliminada",
        "it": "cancellato, cancellata, cancellazione, annullato, annullata, annullamento, disdetto, disdetta, "
        "rifiutato, rifiutata, respinto, respinta, scaduto, scaduta, eliminato, eliminata",
        "pt": "cancelado, cancelada, cancelamento, anulado, anulada, recusado, recusada, rejeitado, rejeitada, negado, "
        "negada, expirado, expirada, excluído, excluída",
        "nl": "geannuleerd, annulering, afgezegd, afgewezen, geweigerd, verlopen, vervallen, verwijderd, ingetrokken",
        "pl": "anulowane, anulowana, anulowano, anulowany, odwołane, odwołana, odwołany, odrzucone, odrzucona, "
        "odrzucony, odmowa, wygasło, wygasła, usunięte, usunięta",
        "cs": "zrušeno, zrušená, zrušena, zrušené, storno, stornováno, odmítnuto, zamítnuto, odmítnutá, vypršelo",
        "hr": "otkazano, otkazana, otkazan, odbijeno, odbijena, stornirano, poništeno, isteklo",
        "da": "annulleret, aflyst, afvist, afbestilt, udløbet, slettet",
        "sv": "avbokad, avbokat, inställd, annullerad, avbruten, avvisad, nekad, avböjd, utgången, borttagen",
        "no": "kansellert, avbestilt, avlyst, avslått, avvist, utløpt, slettet",
        "fi": "peruttu, peruutettu, peruttiin, hylätty, vanhentunut",
        "hu": "lemondva, lemondott, törölve, törölt, visszautasítva, elutasítva, lejárt",
        "ro": "anulat, anulată, anulare, refuzat, refuzată, respins, respinsă, expirat, expirată",
        "sk": "zrušené, zrušená, stornované, odmietnuté, zamietnuté",
        "sl": "odpovedano, preklicano, stornirano, zavrnjeno",
        "tr": "iptal, iptal edildi, reddedildi, süresi doldu",
        "el": "ακυρώθηκε, ακυρωμένη, ακύρωση, απορρίφθηκε",
        "ru": "отменено, отменена, отменен, отмена, отклонено, отклонена, аннулировано, аннулирована",
        "uk": "скасовано, відхилено",
        "bg": "анулирана, отменена, отказана",
        "ja": "キャンセル, キャンセル済み, 取消, 取り消し",
        "zh": "已取消, 取消, 已拒绝, 已拒絕",
        "ko": "취소, 취소됨, 거절됨",
    },
    Standing.OVER: {
        "en": "checked out, departed, no show, noshow, did not show up, moved out",
        "de": "abgereist, ausgecheckt, nicht angereist, nicht erschienen",
        "fr": "non présenté, non présentée",
        "es": "no presentado, no se presentó",
        "it": "mancato arrivo, mancata presentazione",
        "pt": "não compareceu",
        "nl": "uitgecheckt, vertrokken, niet verschenen",
        "pl": "wymeldowany, wymeldowane, niedojazd",
    },
    Standing.NOT_CONFIRMED: {
        "en": "tentative, tentatively, pending, pending request, pending approval, pending confirmation, pending "
        "payment, provisional, provisionally, unconfirmed, not confirmed, not yet confirmed, awaiting confirmation, "
        "awaiting approval, awaiting payment, waiting for approval, waiting for payment, waiting for confirmation, to "
        "be confirmed, tbc, inquiry, inquired, enquiry, request, requested, request to book, booking request, "
        "reservation request, rtb, quote, quoted, quotation, offer, offered, option, optional, hold, on hold, held, "
        "soft hold, hold for, held for, courtesy hold, temp hold, temporary hold, preapproved, pre approved, "
        "preapproval, special offer, prospect, lead, waitlist, waitlisted, waiting list, draft, unpaid hold, needs "
        "action, needs response, in negotiation, maybe, preliminary, prebooking, pre booking, prereservation, pre "
        "reservation, checkpoint, new request",
        "de": "vorläufig, vorläufige, unter vorbehalt, vorbehaltlich, ausstehend, unbestätigt, nicht bestätigt, noch "
        "nicht bestätigt, anfrage, buchungsanfrage, angefragt, offene anfrage, option, optional, optiert, "
        "optionsbuchung, angebot, vorgemerkt, vormerkung, vorreservierung, vorreserviert, warteliste, provisorisch, "
        "in bearbeitung, wartet auf bestätigung, zu bestätigen, mit vorbehalt, entwurf",
        "fr": "provisoire, provisoirement, en attente, en attente de confirmation, en attente de paiement, à "
        "confirmer, non confirmé, non confirmée, pas confirmé, pas confirmée, demande, demande de réservation, "
        "demande d'information, option, en option, optionnel, optionnelle, devis, préréservation, pré réservation, "
        "pré réservé, liste d'attente, à valider, brouillon",
        "es": "provisional, provisionalmente, pendiente, pendiente de confirmación, pendiente de confirmar, pendiente "
        "de pago, por confirmar, sin confirmar, no confirmado, no confirmada, consulta, solicitud, solicitud de "
        "reserva, solicitado, solicitada, tentativo, tentativa, opción, en espera, presupuesto, prerreserva, "
        "prereserva, pre reserva, lista de espera, borrador",
        "it": "provvisorio, provvisoria, in attesa, in attesa di conferma, in attesa di pagamento, da confermare, non "
        "confermato, non confermata, in sospeso, richiesta, richiesta di prenotazione, opzione, opzionato, opzionata, "
        "opzionale, preventivo, preprenotazione, pre prenotazione, lista d'attesa, bozza, tentativo",
        "pt": "provisório, provisória, pendente, pendente de confirmação, aguardando confirmação, aguardando "
        "pagamento, a confirmar, por confirmar, não confirmado, não confirmada, consulta, pedido, pedido de reserva, "
        "solicitação, solicitação de reserva, opção, em espera, orçamento, pré reserva, lista de espera, rascunho, "
        "tentativa",
        "nl": "voorlopig, voorlopige, in afwachting, in behandeling, onbevestigd, niet bevestigd, nog niet bevestigd, "
        "te bevestigen, aanvraag, boekingsaanvraag, aangevraagd, optie, in optie, op optie, offerte, wachtlijst, "
        "voorreservering, concept",
        "pl": "wstępna, wstępnie, wstępne, wstępna rezerwacja, oczekuje, oczekująca, oczekujące, oczekuje na "
        "potwierdzenie, w oczekiwaniu, niepotwierdzona, niepotwierdzone, niepotwierdzony, nie potwierdzona, do "
        "potwierdzenia, zapytanie, prośba o rezerwację, opcja, oferta, lista oczekujących",
        "cs": "předběžná, předběžně, předběžné, čeká, čeká na potvrzení, nepotvrzeno, nepotvrzená, nepotvrzena, "
        "poptávka, opce, nabídka, žádost",
        "hr": "na čekanju, neizravno, nepotvrđeno, nepotvrđena, privremeno, upit, zahtjev, opcija, ponuda, čeka "
        "potvrdu",
        "da": "foreløbig, afventer, ubekræftet, ikke bekræftet, forespørgsel, option, tilbud, venteliste",
        "sv": "preliminär, preliminärt, preliminärbokad, väntar, väntande, obekräftad, ej bekräftad, inte bekräftad, "
        "förfrågan, option, offert, väntelista",
        "no": "foreløpig, venter, ubekreftet, ikke bekreftet, forespørsel, opsjon, tilbud, venteliste",
        "fi": "alustava, odottaa, vahvistamaton, ei vahvistettu, tiedustelu, varauspyyntö, optio, tarjous",
        "hu": "függőben, előzetes, nem megerősített, megerősítésre vár, érdeklődés, opció, ajánlat",
        "ro": "provizoriu, provizorie, în așteptare, neconfirmat, neconfirmată, cerere, opțiune, ofertă",
        "sk": "predbežné, predbežná, čaká, nepotvrdené, nepotvrdená, dopyt, opcia",
        "sl": "predhodno, čaka na potrditev, nepotrjeno, povpraševanje, opcija",
        "tr": "beklemede, onay bekliyor, onaylanmadı, geçici, opsiyon, talep",
        "el": "εκκρεμεί, σε αναμονή, προσωρινή, μη επιβεβαιωμένη, αίτημα",
        "ru": "ожидает, ожидает подтверждения, в ожидании, не подтверждено, не подтверждена, предварительно, запрос, "
        "бронь",
        "ja": "仮予約, 保留, 保留中, 未確定",
        "zh": "待确认, 待確認, 待定, 未确认, 未確認",
        "ko": "대기중, 보류, 미확정",
    },
    Standing.BLOCKED: {
        "en": "blocked, block, blocked off, blocked dates, blocked by owner, blocked by host, date block, block for, "
        "block off, closed, closed out, closed for season, closed period, close out, not available, unavailable, not "
        "bookable, non bookable, no availability, sold out, stop sell, stop sale, stop sales, busy, free, out of "
        "office, working elsewhere, away, owner, owner stay, owner block, owner booking, owner reservation, owner "
        "use, owner hold, owner occupied, owner time, owner week, owner in residence, owner visit, owner stays, "
        "owner's stay, owners, owner use only, homeowner, homeowner stay, personal use, own use, owner blocked, "
        "private use, private appointment, host block, host blocked, manual block, system block, calendar block, auto "
        "block, maintenance, under maintenance, maintenance block, repair, repairs, under repair, renovation, "
        "renovations, under renovation, construction, out of order, out of service, ooo, oos, cleaning, deep clean, "
        "deep cleaning, cleaning day, housekeeping, turnover, turnover day, preparation time, prep time, prep day, "
        "preparation day, buffer, buffer day, buffer time, gap night, padding, min stay, minimum stay, advance "
        "notice, booking window, off market, offmarket, off the market, delisted, paused, snoozed, do not book, do "
        "not rent, no booking, no bookings, no check in, no checkin, no arrival, closed to arrival, cta, ctd, "
        "inspection, pest control, photo shoot, photoshoot, staging, showing, viewing, synced block, imported block, "
        "linked unit, linked listing, house use, complimentary owner, black, blackout, black out, restricted, "
        "seasonal closure, season closed, closure, staff block, prep, blocked by another listing, beyond booking "
        "window, manual closure, owner personal visit, owners week, owner rental, reserved for owner, reserved by "
        "owner, booked by owner, booked for owner, blocked for owner, not rentable, not for rent, no vacancy, winter "
        "break, summer break, do not use, dnr, private, min stay block, owner personal use, owner event, cleaning hold",
        "de": "reserviert für eigentümer, ruhetag, ruhetage, blockiert, blockierung, geblockt, gesperrt, sperre, "
        "sperrzeit, sperrung, kalendersperre, nicht verfügbar, nicht buchbar, unverfügbar, belegt durch eigentümer, "
        "geschlossen, betriebsferien, betriebsruhe, eigentümer, eigentümerin, eigenbelegung, eigentümerbelegung, "
        "eigentümeraufenthalt, eigennutzung, selbstnutzung, eigenbedarf, privat, privatnutzung, privater termin, "
        "besitzer, besitzerbelegung, vermieter, wartung, wartungsarbeiten, instandhaltung, reparatur, reparaturen, "
        "renovierung, sanierung, umbau, außer betrieb, reinigung, endreinigung, grundreinigung, putzen, putztag, "
        "pufferzeit, puffer, frei, beschäftigt, gebucht nicht verfügbar, abwesend, gebucht extern gesperrt, nicht "
        "vermietbar, saisonpause, winterpause, defekt, kaputt",
        "fr": "réservé propriétaire, réservé par le propriétaire, fermeture annuelle, bloqué, bloquée, blocage, "
        "indisponible, non disponible, pas disponible, fermé, fermée, fermeture, propriétaire, séjour propriétaire, "
        "occupation propriétaire, bloqué par le propriétaire, usage personnel, usage privé, privé, maintenance, "
        "entretien, travaux, réparation, réparations, rénovation, hors service, ménage, nettoyage, temps de "
        "préparation, libre, absent, non réservable, rendez vous privé",
        "es": "bloqueado, bloqueada, bloqueo, no disponible, indisponible, cerrado, cerrada, cierre, "
        "propietario, propietaria, estancia del propietario, reserva del propietario, uso del propietario, uso "
        "propio, uso personal, privado, mantenimiento, reparación, reparaciones, reforma, obras, fuera de servicio, "
        "limpieza, tiempo de preparación, libre, no reservable, dueño, cita privada",
        "it": "bloccato, bloccata, blocco, non disponibile, indisponibile, chiuso, chiusa, chiusura, "
        "proprietario, proprietaria, soggiorno del proprietario, uso proprietario, uso personale, uso proprio, "
        "privato, manutenzione, riparazione, riparazioni, ristrutturazione, lavori, fuori servizio, pulizia, pulizie, "
        "tempo di preparazione, libero, non prenotabile, appuntamento privato",
        "pt": "bloqueado, bloqueada, bloqueio, não disponível, indisponível, fechado, fechada, encerrado, encerrada, "
        "proprietário, proprietária, estadia do proprietário, uso próprio, uso pessoal, uso do proprietário, "
        "privado, manutenção, reparação, reparo, obras, reforma, fora de serviço, limpeza, tempo de preparação, livre, "
        "dono, não reservável",
        "nl": "eigengebruik, zelf gebruik, geblokkeerd, blokkade, blokkering, geblokkeerd door eigenaar, "
        "niet beschikbaar, onbeschikbaar, "
        "gesloten, eigenaar, eigenaar verblijf, eigen gebruik, eigenaarsverblijf, eigenaar gebruik, privé, "
        "privégebruik, onderhoud, reparatie, renovatie, verbouwing, buiten gebruik, schoonmaak, voorbereidingstijd, "
        "vrij, afwezig, niet boekbaar, privé afspraak",
        "pl": "zablokowane, zablokowany, zablokowana, blokada, niedostępne, niedostępny, niedostępna, zamknięte, "
        "zamknięty, właściciel, pobyt właściciela, rezerwacja właściciela, użytek własny, prywatne, "
        "konserwacja, serwis, naprawa, remont, sprzątanie, czas przygotowania, wyłączone, poza użytkiem, wolne, wolny",
        "cs": "blokováno, zablokováno, blokace, nedostupné, nedostupný, není k dispozici, zavřeno, uzavřeno, "
        "majitel, vlastník, pobyt majitele, vlastní pobyt, soukromé, údržba, oprava, opravy, rekonstrukce, úklid, mimo "
        "provoz, volno",
        "hr": "blokirano, blokada, nedostupno, nije dostupno, zatvoreno, vlasnik, boravak vlasnika, vlastita "
        "upotreba, privatno, održavanje, popravak, renoviranje, čišćenje, izvan upotrebe, slobodno",
        "da": "blokeret, spærret, ikke tilgængelig, utilgængelig, lukket, ejer, ejerophold, ejers ophold, "
        "eget brug, privat, vedligeholdelse, vedligehold, reparation, renovering, rengøring, ude af drift, ledig",
        "sv": "blockerad, blockerat, spärrad, ej tillgänglig, inte tillgänglig, otillgänglig, stängd, stängt, "
        "ägare, ägarvistelse, eget bruk, privat, underhåll, reparation, renovering, städning, ur "
        "drift, ledig",
        "no": "blokkert, sperret, ikke tilgjengelig, utilgjengelig, stengt, eier, eieropphold, eget bruk, "
        "privat, vedlikehold, reparasjon, oppussing, rengjøring, ute av drift, ledig",
        "fi": "estetty, ei saatavilla, ei varattavissa, suljettu, varattu omistajalle, omistaja, oma käyttö, "
        "yksityinen, huolto, kunnossapito, remontti, siivous, vapaa",
        "hu": "blokkolva, zárolva, nem elérhető, nem foglalható, zárva, tulajdonos, saját használat, magán, "
        "karbantartás, javítás, felújítás, takarítás, szabad",
        "ro": "blocat, blocată, indisponibil, indisponibilă, închis, închisă, proprietar, uz personal, "
        "întreținere, reparații, renovare, curățenie, liber",
        "sk": "blokované, zablokované, nedostupné, zatvorené, majiteľ, údržba, oprava, rekonštrukcia, upratovanie",
        "sl": "blokirano, ni na voljo, nedostopno, zaprto, lastnik, lastna uporaba, vzdrževanje, popravilo, čiščenje",
        "tr": "bloke, bloke edildi, müsait değil, uygun değil, kapalı, mal sahibi, ev sahibi, bakım, onarım, "
        "tadilat, temizlik",
        "el": "μη διαθέσιμο, κλειστό, αποκλεισμένο, ιδιοκτήτης, ιδιόχρηση, συντήρηση, καθαρισμός",
        "ru": "заблокировано, недоступно, не доступно, закрыто, владелец, собственник, ремонт, уборка, обслуживание",
        "ja": "予約不可, 利用不可, ブロック, 休業, オーナー, 清掃, メンテナンス",
        "zh": "不可用, 不可预订, 不可預訂, 已屏蔽, 已封锁, 房东自用, 房东, 维护, 維護, 清洁",
        "ko": "예약 불가, 예약불가, 차단됨, 차단, 블록, 닫힘, 이용 불가, 이용불가, 사용 불가, 사용불가, 점검, 청소",
    },
    Standing.UNCLEAR: {
        "all": "occupied, taken, belegt, occupé, ocupado, occupato, bezet, zajęte, zajęty, obsazeno, zauzeto, optaget, "
        "upptagen, upptaget, opptatt, foglalt, ocupat, obsadené, zasedeno, dolu, занято, personal, imported",
    },
}
"""By language, for whoever looks after it; a word counts whatever the language of the feed. What is only *taken* may be
a guest's or the owner's: unclear."""

_FINE = (
    "confirmed, confirm, booked, reserved, reservation, booking, accepted, approved, new, definite, guaranteed, ok, "
    "okay, active, current, upcoming, future, modified, changed, updated, amended, open, valid, busy, oof, final, "
    "finalised, finalized, complete, completed, done, in process, processed, paid, unpaid, prepaid, partially paid, "
    "fully paid, deposit paid, in house, inhouse, checked in, arrived, arriving, currently hosting, hosting, due in, "
    "due out, expected, stay, ownerless, bestätigt, gebucht, reserviert, neu, angenommen, bezahlt, eingecheckt, "
    "angereist, geändert, fest, fixbuchung, confirmé, confirmée, réservé, réservée, accepté, acceptée, payé, payée, "
    "nouveau, nouvelle, modifiée, confirmado, confirmada, reservado, reservada, aceptado, aceptada, pagado, pagada, "
    "nuevo, nueva, confermato, confermata, prenotato, prenotata, accettato, accettata, pagato, pagata, nuovo, nuova, "
    "aceito, aceita, pago, paga, novo, nova, bevestigd, geboekt, gereserveerd, geaccepteerd, betaald, nieuw, "
    "ingecheckt, potwierdzone, potwierdzona, potwierdzony, zarezerwowane, opłacone, opłacona, zapłacone, nowa, nowe, "
    "potvrzeno, potvrzená, potvrđeno, potvrđena, bekræftet, bekräftad, bekreftet, vahvistettu, megerősítve, "
    "confirmat, confirmată, onaylandı, подтверждено, подтверждена, 確定, 予約済み, 已确认, 已確認, 확정"
)
"""Words for a status that stand against nothing."""

_CALLED_SO = (
    "block, hold, held, owner, owners, pending, busy, free, black, offer, lead, request, void, away, "
    "paused, buffer, repair, turnover, maintenance, cleaning, showing, viewing, staging, frei, sperre, besitzer, "
    "libre, livre, libero, vrij, wolny, volno, liber, blocco, bloc, blok, ledig, privat, prive, privado, privato, "
    "serwis, puffer, demande, dono, dueno, draft, homeowner, ejer, eier, lastnik, vlasnik, majitel, "
    "cta, ctd, ooo, oos, eigner, szabad, vapaa, concept, pedido, removed, failed, refused, denied, "
    "absent, prospect, checkpoint, na, nd, off, lock, shut, interest, posible, eventual, moze, mozna, morda, "
    "poate, talan, belki, kanske, holding, bloc, "
    "restricted, private, personal, taken, occupied, imported, prep, closure"
)
"""What a person may be called, or a note may say of something else: it counts as a part of its own, not at a comma, not
at the beginning, not with other words left aside and not as a line."""
_WHOLE_ONLY = frozenset(
    "free, busy, away, frei, libre, livre, libero, vrij, wolne, wolny, volno, ledig, vapaa, szabad, liber, slobodno, "
    "beschaftigt, absent, abwesend, afwezig, black, private, occupied, taken, belegt, occupe, ocupado, occupato, "
    "bezet, zajete, zajety, obsazeno, zauzeto, optaget, upptagen, upptaget, opptatt, foglalt, ocupat, obsadene, "
    "zasedeno, dolu, занято, personal, imported, na, nd, off, lock, locked, hidden, shut, interest, interested, "
    "possible, posible, possibile, possivel, eventual, proposed, opt, may be, moze, mozna, morda, mogoce, poate, "
    "talan, bloc, blok, holding, kanske, kanskje, forse, belki, potential".split(", ")
)
"""Words of office calendars: they count as the whole title, for a guest may stay "free"."""
_BLOCKS_AT_START = frozenset(
    "blocked, blocked by, closed, closed for, unavailable, not available, not bookable, no availability, do not book, "
    "do not rent, off market, out of order, out of service, blockiert, geblockt, gesperrt, nicht verfugbar, nicht "
    "buchbar, geschlossen, belegt durch eigentumer, bloque, bloquee, indisponible, non disponible, pas disponible, "
    "ferme, fermee, bloqueado, bloqueada, no disponible, cerrado, cerrada, bloccato, bloccata, non disponibile, "
    "chiusura, fermeture, cierre, chiuso, chiusa, nao disponivel, indisponivel, fechado, fechada, geblokkeerd, niet "
    "beschikbaar, gesloten, zablokowane, niedostepne, zamkniete, blokovano, nedostupne, zavreno, blokirano, "
    "nedostupno, zatvoreno, blokeret, ikke tilgaengelig, lukket, blockerad, ej tillganglig, stangd, owner stay, owner "
    "block, owner in residence, owner use, eigenbelegung, eigennutzung, under maintenance, block for, block off".split(
        ", "
    )
)
"""Of what is blocked, what a title may begin with. A builder may be a guest ("Construction Ltd")."""
_AT_START = ("pending", "held for", "hold for")
"""Of these, those that stand at the beginning of a title all the same."""
_NAMES_BEHIND_RESERVED = ("block", "blocco", "bloc", "blok", "frei", "black", "free", "busy")

_ASIDE = frozenset(
    "booking bookings reservation reservations stay guest guests host owner by the a an of on for from to this that "
    "has have had been was is it your our airbnb vrbo homeaway abritel expedia agoda hostaway guesty beds24 smoobu "
    "lodgify ownerrez hospitable tokeet avantio google outlook tripadvisor booking com bookingcom fewo direkt status "
    "event dates date period buchung reservierung aufenthalt gast gastgeber eigentumer vom von durch der die das den "
    "wurde ist unterkunft reservation sejour client hote par le la les du de un une a ete est reserva estancia "
    "huesped anfitrion por el los ha sido fue esta prenotazione soggiorno ospite dal il lo gli e stata stato estadia "
    "hospede anfitriao pelo o foi boeking reservering verblijf gast gastheer door de het is rezerwacja pobyt gosc "
    "przez zostala zostalo jest rezervace pobyt host rezervacija gostiju od gosta je bokning bokningen booking "
    "reservationen bestilling varaus foglalas rezervare".split()
)
"""Words that may stand beside one that decides, in folded letters."""
_STAYS = frozenset(
    "airbnb vrbo homeaway abritel expedia agoda booking bookings bookingcom tripadvisor stay stays guest guests sejour "
    "aufenthalt gast gaste reservierung reservation reservations reservering estancia soggiorno ospite ospiti hospede "
    "huesped voyageur voyageurs rezervace rezervacija bokning bestilling reservasjon varaus varattu foglalas rezervare "
    "rezervasyon κρατηση бронирование забронировано бронь "
    "予約 予約済 予約済み 预订 预订的 已预订 預訂 已預訂 예약 예약됨".split()
)
"""What a title says of somebody who is expected, or by whom, and is nobody's name."""
_OF_STAYS = frozenset(
    "airbnb vrbo homeaway abritel expedia agoda hostaway guesty beds24 smoobu lodgify ownerrez hospitable google "
    "outlook channel system ical calendar manual auto external min minimum date dates admin import com booking "
    "reservation stay buchung reservierung reserva prenotazione boeking reservering rezerwacja rezervace rezervacija "
    "bokning bokningen reservationen varaus sejour".split()
)
_TAKEN = frozenset(
    "blocked, block, closed, busy, unavailable, not available, blockiert, geblockt, gesperrt, geschlossen, nicht "
    "verfugbar, bloque, bloquee, ferme, indisponible, bloqueado, bloqueada, cerrado, no disponible, bloccato, "
    "bloccata, chiuso, non disponibile, fechado, indisponivel, geblokkeerd, gesloten, niet beschikbaar, "
    "zablokowane".split(", ")
)
"""Words for days that are taken, by whomever."""
_NAME_WORD = re.compile(r"[^\W\d_a-z][^\W\d_]*(?:['’.-][^\W\d_]*)*")
"""A word that begins like a name."""
_NO_NAME_GOES_ON = frozenset("by on until till for from bis wegen seit jusqu pour hasta desde fino per ate tot".split())
"""What stands behind a word for a status, and never behind a first part of a name."""
_GOES_ON = frozenset(
    "by on at due per because since after before for until von durch am wegen seit bis par le depuis pour jusqu por el "
    "desde hasta dal da il per fino pelo em desde ate door op vanaf tot przez dnia od do dne af den av".split()
)
_NOUNS = frozenset(
    "cancellation cancelation storno stornierung absage annulation cancelacion cancellazione annullamento cancelamento "
    "annulering anulare iptal отмена ακυρωση".split()
)
"""What may be spoken of without having happened: "Cancellation until 3 March is free"."""
_UNITS = frozenset(
    "apartment apt flat house home room unit studio villa cabin cottage property listing whole entire full loft suite "
    "wohnung haus zimmer ferienwohnung fewo appartement maison chambre casa piso apartamento appartamento camera kamer "
    "huis mieszkanie pokoj dom".split()
)
_WORK = frozenset(
    "maintenance repair repairs cleaning renovation inspection wartung reparatur reinigung renovierung entretien "
    "travaux reparation mantenimiento limpieza manutenzione pulizia manutencao limpeza onderhoud schoonmaak remont "
    "sprzatanie".split()
)
"""Behind other words they may be somebody's work or somebody's firm ("Pool maintenance", "Novak Cleaning")."""
_FIRMS = frozenset("team ltd llc inc gmbh ag kg ug srl sl sa bv firma firm company crew group gruppe staff".split())
_OF_OTHERS = frozenset(
    "flight flights train trains plane bus ferry trip tour event events wedding conference dinner parking transfer "
    "taxi flug fluge zug bahn vol trem vuelo tren avion aereo volo treno vlucht trein lot pociag let vlak passport "
    "document balance payment deposit invoice zahlung rechnung".split()
)
"""A cancelled flight is no cancelled stay."""

_STATUS_LABELS = frozenset(
    "status, booking status, reservation status, stay status, state, buchungsstatus, reservierungsstatus, statut, "
    "statut de la réservation, statut réservation, état, estado, estado de la reserva, estado da reserva, stato, "
    "stato prenotazione, stato della prenotazione, boekingsstatus, reserveringsstatus, status rezerwacji, stan, stav, "
    "stav rezervace, bookingstatus, bokningsstatus, статус, 状态, ステータス".split(", ")
)
_KIND_LABELS = frozenset(
    "type, booking type, reservation type, stay type, kind, event type, typ, art, buchungsart, buchungstyp, type de "
    "réservation, tipo, tipo de reserva, tipo di prenotazione, soort, rodzaj".split(", ")
)
_GUEST_IN_IT = re.compile(
    r"^[^\w\n]{0,10}(?:(?:lead |main )?guests?(?:'?s)?(?: name)?|customer(?: name)?|adults|pax|gast(?:name)?|gäste|"
    r"client|voyageurs?|hu[eé]sped(?:es)?|ospit[ei]|h[oó]spedes?|gasten|go[sś][cć](?:ie)?|travell?er|"
    r"phone(?: number)?|telefon|tel|mobile)\.?\s{0,5}[:=]\s{0,5}\S|"
    r"\b\d{1,2}\s(?:guests?|adults?|persons|people|pax|gäste|personen|voyageurs|personnes|huéspedes|personas|ospiti|persone|"
    r"hóspedes|pessoas|gasten|personen|gości|osoby|osób)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""What speaks of a guest, by which days that are blocked may be a stay after all."""
_SIGNS = re.compile(r"[\n:|•·*#()\[\]{}<>–—;!?_=~\"“”„«»→]|(?<=\s)-|-(?=\s)|^-|-$|\.{2,}")
"""What parts the title. A dot ends abbreviations ("Mr. Block")."""
_WEAK_SIGNS = re.compile(r"[,/+&]")
"""What stands within the names of people as well."""
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def folded(text: str) -> str:
    """Words without what makes no difference: letter case, accents, signs, white space."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "").replace("'", "").translate(_LETTERS))
    return " ".join(re.findall(r"[^\W_]+", "".join(one for one in plain if not unicodedata.combining(one))))


@dataclass(frozen=True, slots=True)
class Words:
    """The table, as it is looked up: phrases in folded letters."""

    standings: dict[str, Standing] = field(repr=False)
    called_so: frozenset[str] = field(repr=False)
    stays: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    of_titles: frozenset[str] = frozenset()
    """Phrases that do not count as a line of a description."""

    def sure(self, phrase: str) -> Standing | None:
        """The standing by a phrase that is nothing else."""
        return self.standings.get(phrase) if phrase not in self.called_so else None


@lru_cache(maxsize=64)
def words_of(not_a_stay: tuple[str, ...] = (), is_a_stay: tuple[str, ...] = ()) -> Words:
    """The table and what the settings add."""
    standings: dict[str, Standing] = {}
    for standing, languages in _TABLE.items():
        for several in languages.values():
            for phrase in several.split(", "):
                standings.setdefault(folded(phrase), standing)
    of_titles: set[str] = set()
    for standing, languages in ((Standing.NOT_CONFIRMED, NOT_CONFIRMED), (Standing.BLOCKED, BLOCKED)):
        for several in languages.values():
            for phrase in map(folded, several.split(", ")):
                if phrase and phrase not in standings:
                    standings[phrase] = standing
                    of_titles.add(phrase)
    called_so = {folded(one) for one in _CALLED_SO.split(", ")}
    for phrase in not_a_stay:
        if one := folded(phrase):
            standings[one] = Standing.BLOCKED
            called_so.discard(one)
            of_titles.discard(one)
    stays, added = (frozenset(filter(None, map(folded, several))) for several in (is_a_stay, not_a_stay))
    return Words(standings, frozenset(called_so), stays, added, frozenset(of_titles))


def standing(
    summary: str,
    description: str = "",
    status: str = "",
    *,
    categories: str = "",
    busy: str = "",
    code: str = "",
    extra_not: Sequence[str] = (),
    extra_is: Sequence[str] = (),
) -> Verdict:
    """What an event is, by its words.

    `summary`, `description`, `status`, `categories` and `busy` are the event's, without escapes; `code` the booking
    code that was found in it. `extra_not` and `extra_is` are the settings `not_a_stay` and `is_a_stay`.
    """
    words = words_of(tuple(extra_not), tuple(extra_is))
    title, text = summary[:LONGEST_TITLE], description[:LONGEST_TEXT]
    is_named_stay = _is_named(title, words)

    def speaks_of_guest() -> bool:
        return bool(code or _GUEST_IN_IT.search(f"{title}\n{text}"))

    found: list[Verdict] = [
        *_by_status(status[:LONGEST_LINE], words),
        *_by_label(f"{title}\n{text}", words),
        *(one for one in _by_title(title, words) if not is_named_stay or _is_final(one)),
        *(one for one in _by_title(categories[:LONGEST_TITLE], words) if not is_named_stay or _is_final(one)),
        *(one for one in _by_line(text, words) if one.standing is not Standing.BLOCKED or not _has_name(title)),
    ]
    if busy == "TENTATIVE":
        found.append(Verdict(Standing.NOT_CONFIRMED, "TENTATIVE", "the status"))
    for wanted in (Standing.CANCELLED, Standing.OVER, Standing.NOT_CONFIRMED, Standing.BLOCKED, Standing.UNCLEAR):
        for one in found:
            if one.standing is wanted:
                is_doubtful = wanted is Standing.BLOCKED and (speaks_of_guest() or _names_somebody(title, words))
                return Verdict(Standing.UNCLEAR, one.word, one.where) if is_doubtful else one
    if not is_named_stay and names_nobody(title, phrase := folded(title)) and not speaks_of_guest():
        return Verdict(Standing.UNCLEAR, phrase[:40] or title.strip()[:5], "the title")
    return Verdict(Standing.STAY)


def _names_somebody(title: str, words: Words) -> bool:
    """Whether a whole name stands beside a word for taken days, as channels write bookings ("CLOSED - Anna Novak")."""
    parts = [part.strip() for part in _SIGNS.split(title) if part.strip()]
    taken = [phrase for phrase in map(folded, parts) if phrase in _TAKEN and phrase not in words.added]
    return bool(taken) and any(
        2 <= len(part.split()) <= 4 and all(_NAME_WORD.fullmatch(one) for one in part.split()) and _is_no_word(part)
        for part in parts
    )


def _is_no_word(part: str) -> bool:
    phrase = folded(part)
    common = any(names_nobody(one, one) or one in _ASIDE | _OF_STAYS | _UNITS for one in phrase.split())
    return not common and words_of().standings.get(phrase) is None


def _has_name(title: str) -> bool:
    """Whether a title says more than that somebody comes."""
    return any(not _RESERVED.fullmatch(phrase) for part in _SIGNS.split(title) if (phrase := folded(part)))


def _is_final(verdict: Verdict) -> bool:
    return verdict.standing in (Standing.CANCELLED, Standing.OVER)


def _is_named(title: str, words: Words) -> bool:
    """Whether `is_a_stay` has the title, a part of it, or how it begins."""
    whole = folded(title)
    parts = {folded(part) for part in _SIGNS.split(title)}
    return any(one == whole or one in parts or f"{whole} ".startswith(f"{one} ") for one in words.stays)


def _by_status(status: str, words: Words) -> Iterable[Verdict]:
    for part in re.split(r"[,;/|]", status):
        phrase = folded(part)
        if not phrase or phrase in _fine() or phrase in words.stays:
            continue
        yield Verdict(_known(phrase, words) or Standing.UNCLEAR, part.strip()[:40], "the status")


def _by_label(text: str, words: Words) -> Iterable[Verdict]:
    for line in text.split("\n"):
        label, sign, value = line[:LONGEST_LINE].partition(":")
        if not sign or len(label) > 60:
            continue
        name = folded(label)
        is_status = name in _folded_labels(_STATUS_LABELS)
        if not is_status and name not in _folded_labels(_KIND_LABELS):
            continue
        phrase = folded(re.split(r"[/,;|(\[<]| - |\. ", value, maxsplit=1)[0])
        if not phrase or phrase in _fine() or phrase in words.stays:
            continue
        known = _known(phrase, words)
        if known is not None and (is_status or known is Standing.BLOCKED):
            yield Verdict(known, phrase, "the description")
        elif is_status and len(phrase) <= 40:
            yield Verdict(Standing.UNCLEAR, "", "the description")


def _known(phrase: str, words: Words) -> Standing | None:
    """By a whole phrase, by one with words beside it, or by how it begins."""
    known = words.standings.get(phrase)
    if known is not None:
        return known
    bare = " ".join(one for one in phrase.split() if one not in _ASIDE)
    return words.standings.get(bare) or _by_start(phrase, words)


def standing_of(phrase: str, whole: bool = False) -> Standing | None:
    """What a phrase in folded letters says that stands where nothing but a status does; None where it says nothing, or
    only that days are taken. `whole`: nothing but the phrase itself counts, and not how it begins."""
    words = words_of()
    if phrase in _fine() or phrase in _WHOLE_ONLY:
        return None
    if not whole:
        return _known(phrase, words)
    bare = " ".join(one for one in phrase.split() if one not in _ASIDE)
    return words.standings.get(phrase) or words.standings.get(bare)


def may_be_a_name(word: str, not_a_stay: tuple[str, ...] = ()) -> bool:
    """Whether somebody may be called like a word of the table, and the setting `not_a_stay` does not have it."""
    return word in words_of(not_a_stay).called_so


def _by_title(title: str, words: Words) -> Iterable[Verdict]:
    parts = [phrase for part in _SIGNS.split(title) if (phrase := folded(part))]
    is_reserved = bool(parts) and bool(_RESERVED.fullmatch(parts[0]))
    is_alone = sum(not set(phrase.split()) <= _ASIDE | _OF_STAYS for phrase in parts) <= 1
    for place, phrase in enumerate(parts):
        known = words.standings.get(phrase)
        if phrase in _WHOLE_ONLY and phrase not in words.added and not is_alone:
            continue
        if known is not None and not (is_reserved and place and phrase in _NAMES_BEHIND_RESERVED):
            yield Verdict(known, phrase, "the title")
            continue
        bare = " ".join(one for one in phrase.split() if one not in _ASIDE)
        known = words.sure(bare) or _by_start(phrase, words) or _by_end(phrase, words)
        unnumbered = [one for one in phrase.split() if not _is_number(one)]
        alone = " ".join(one for one in unnumbered if one not in _OF_STAYS)
        if known is None and alone != phrase:
            # "Booking pending", "Airbnb block" and "Offer no. 5" are no guests of that name.
            known = words.standings.get(alone) or words.standings.get(" ".join(unnumbered))
        if known is not None and not (
            phrase.split()[0] in words.called_so and title.lstrip()[len(phrase.split()[0]) :][:1] == ","
        ):
            yield Verdict(known, bare if bare in words.standings else "", "the title")
    several = _WEAK_SIGNS.split(title)
    for part in several if len(several) > 1 else ():
        if (known := words.sure(phrase := folded(part))) is not None:
            yield Verdict(known, phrase, "the title")


def _is_number(word: str) -> bool:
    """What numbers a quote, and no name: "Quote no. 55"."""
    return word.isdigit() or word in ("no", "nr", "nº", "num", "numero", "ref", "id")


_RESERVED = re.compile(
    r"(?:reserved|reservation|booked|booking|reserviert|gebucht|buchung|reserve|reservee|reservado|"
    r"reservada|reserva|prenotato|prenotata|prenotazione|gereserveerd|geboekt|boeking|rezerwacja|zarezerwowane)"
)


def is_reserved(summary: str, description: str = "") -> bool:
    """Whether a title says that somebody has booked, as channels do without a name; or the text speaks of a guest."""
    phrases = [folded(one) for one in _SIGNS.split(summary[:LONGEST_TITLE])]
    words = {word for phrase in phrases for word in phrase.split()}
    said = any(_RESERVED.match(one) for one in phrases) or bool(words & _STAYS)
    return said or _GUEST_IN_IT.search(f"{summary[:LONGEST_TITLE]}\n{description[:LONGEST_TEXT]}") is not None


def _by_start(phrase: str, words: Words) -> Standing | None:
    """By how a title or a line begins, where nobody is called so."""
    tokens = phrase.split()
    if tokens[0] in _WORK and len(tokens) > 1 and not _FIRMS.intersection(tokens):
        # "Cleaning Anna", "Repair of the roof".
        return Standing.UNCLEAR
    for size in (4, 3, 2, 1):
        if len(tokens) <= size:
            continue
        start = " ".join(tokens[:size])
        is_status = start in _AT_START or tokens[size] in _NO_NAME_GOES_ON or (start == "hold" and len(tokens) > 2)
        known = words.standings.get(start) if is_status else words.sure(start)
        is_spoken_of = start in _NOUNS and tokens[size] in _GOES_ON
        if known is None or is_spoken_of or tokens[size] in _OF_OTHERS:
            continue
        may_start = start in _BLOCKS_AT_START or start in words.added or tokens[size] in _NO_NAME_GOES_ON
        if known is not Standing.BLOCKED or may_start:
            return known
    return None


def _by_end(phrase: str, words: Words) -> Standing | None:
    """By how a title ends, where nobody is called so; a room that is blocked, where nothing but a room stands "
    "before."""
    tokens = phrase.split()
    for size in (4, 3, 2, 1):
        if len(tokens) <= size:
            continue
        known = words.sure(" ".join(tokens[-size:]))
        if size == 1 and tokens[-1] in _WORK:
            return Standing.UNCLEAR
        if known is None or tokens[-size - 1] in _OF_OTHERS:
            continue
        if known is not Standing.BLOCKED or all(one in _UNITS or one.isdigit() for one in tokens[:-size]):
            return known
    return None


def _by_line(text: str, words: Words) -> Iterable[Verdict]:
    for line in text.split("\n"):
        phrase = folded(line[:LONGEST_LINE])
        tokens = phrase.split()
        if not tokens:
            continue
        bare = " ".join(one for one in tokens if one not in _ASIDE)
        if phrase in words.of_titles or bare in words.of_titles:
            continue
        known = words.sure(phrase) or (words.sure(bare) if bare not in _NOUNS else None)
        if known is None and len(tokens) > 1 and tokens[1] in _GOES_ON and tokens[0] not in (*_NOUNS, *words.of_titles):
            known = words.sure(tokens[0])
        if known is not None:
            yield Verdict(known, bare if bare in words.standings else tokens[0], "the description")


def is_of_a_status(phrase: str) -> bool:
    """Whether a phrase in folded letters speaks of how a booking stands, or of a room, and is no part of a name."""
    words = phrase.split()
    return phrase in _fine() or (
        bool(words) and words[0] in _UNITS and all(len(one) == 1 or one[0].isdigit() for one in words[1:])
    )


@lru_cache(maxsize=1)
def _fine() -> frozenset[str]:
    return frozenset(folded(one) for one in _FINE.split(", "))


@lru_cache(maxsize=4)
def _folded_labels(labels: frozenset[str]) -> frozenset[str]:
    return frozenset(map(folded, labels))
