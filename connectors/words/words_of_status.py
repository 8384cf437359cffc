"""What feeds, files and people write of a stay's standing, in more than twenty languages: data, and nothing else.

How a word counts, and where it has to stand, `not_a_stay` says.
"""

from enum import StrEnum


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


TABLE: dict[Standing, dict[str, str]] = {
    Standing.CANCELLED: {
        "en": "cancelled, canceled, cancellation, cancelation, declined, denied, rejected, refused, withdrawn, "
        "expired, void, voided, deleted, removed, failed, not accepted, no longer valid, timed out, lapsed, canc, "
        "canx, cnx, xld, cxl, cxld, cncl, cncld, cancel, please cancel, cancled, canceld, cancelld, not coming, "
        "isnt coming, is not coming, wont come, will not come",
        "de": "storniert, stornierte, storn, storno, stornierung, annulliert, annuliert, abgesagt, absage, "
        "abgelehnt, gestrichen, "
        "abgebrochen, verfallen, abgelaufen, zurückgezogen, gelöscht, kommt nicht, kommt doch nicht, kommen nicht",
        "fr": "annulé, annulée, annulation, refusé, refusée, décliné, déclinée, rejeté, rejetée, expiré, expirée, "
        "supprimé, supprimée, ne vient pas, ne viennent pas, ne viendra pas",
        "es": "cancelado, cancelada, cancelación, anulado, anulada, rechazado, rechazada, denegado, denegada, "
        "caducado, caducada, expirado, expirada, eliminado, eliminada, no viene, no vienen, no vendrá",
        "it": "cancellato, cancellata, cancellazione, annullato, annullata, annullamento, disdetto, disdetta, "
        "rifiutato, rifiutata, respinto, respinta, scaduto, scaduta, eliminato, eliminata, non viene, non verrà, "
        "non vengono",
        "pt": "cancelado, cancelada, cancelamento, anulado, anulada, recusado, recusada, rejeitado, rejeitada, negado, "
        "negada, expirado, expirada, excluído, excluída",
        "nl": "komt niet, geann, geannuleerd, annulering, afgezegd, afgewezen, geweigerd, verlopen, vervallen, "
        "verwijderd, ingetrokken",
        "pl": "anulowane, anulowana, anulowano, anulowany, odwołane, odwołana, odwołany, odrzucone, odrzucona, "
        "odrzucony, odmowa, wygasło, wygasła, usunięte, usunięta, anulacja, anulował, anulowała, nie przyjedzie",
        "cs": "zrušil, zrušila, zrušení, "
        "nepřijede, zrušeno, zrušená, zrušené, storno, stornováno, odmítnuto, zamítnuto, odmítnutá, vypršelo",
        "hr": "otkazao, otkazala, otkazivanje, otkazano, otkazana, otkazan, odbijeno, odbijena, stornirano, "
        "poništeno, isteklo",
        "da": "afbestilling, kommer ikke, annulleret, annullering, aflysning, aflyst, afvist, afbestilt, udløbet, "
        "slettet",
        "sv": "avb, avbokad, avbokning, avbeställning, annullering, "
        "avbokat, inställd, annullerad, avbruten, avvisad, nekad, avböjd, utgången, borttagen",
        "no": "kansellert, avbestilling, kansellering, avbestilt, avlyst, avslått, avvist, utløpt, slettet",
        "fi": "peruutti, perui, peruutus, ei tule, peruttu, peruutettu, peruttiin, hylätty, vanhentunut",
        "hu": "lemondta, lemondás, nem jön, lemondva, lemondott, törölve, törölt, visszautasítva, elutasítva, lejárt",
        "ro": "anulat, anulată, anulare, refuzat, refuzată, respins, respinsă, expirat, expirată",
        "sk": "zrušené, zrušená, stornované, odmietnuté, zamietnuté",
        "sl": "odpovedano, preklicano, stornirano, zavrnjeno",
        "tr": "iptal, iptal edildi, reddedildi, süresi doldu",
        "el": "ακυρώθηκε, ακυρωμένη, ακύρωση, απορρίφθηκε",
        "ru": "отменено, отменена, отменен, отмена, отклонено, отклонена, аннулировано, аннулирована, отменил, "
        "отменила, снято, не приедет",
        "uk": "скасовано, скасована, скасований, скасування, анульовано, відхилено",
        "sr": "отказано, отказана, отказан",
        "bg": "анулирана, отменена, отказана",
        "ja": "予約キャンセル, キャンセル, キャンセル済み, 取消, 取り消し",
        "zh": "已取消, 取消, 已拒绝, 已拒絕",
        "ko": "취소, 취소됨, 거절됨",
        "et": "tühistatud, tühistati, tühistamine",
        "lv": "atcelts, atcelta, anulēts, anulēta, atcelšana",
        "lt": "atšaukta, atšauktas, atšaukimas, anuliuota",
        "is": "afbókað, afbókuð, afpantað",
        "ca": "cancel·lat, cancel·lada, anul·lat, anul·lada",
        "id": "dibatalkan, batal, pembatalan",
        "vi": "đã hủy, đã huỷ, bị hủy, bị huỷ, hủy đặt phòng, hủy phòng",
        "th": "ยกเลิก, ยกเลิกแล้ว, ถูกยกเลิก",
        "ar": "ملغي, ملغى, ملغية, ملغاة, تم الإلغاء, تم إلغاء, ألغيت, إلغاء",
        "he": "בוטל, בוטלה, מבוטל, מבוטלת, ביטול, ההזמנה בוטלה",
        "fa": "لغو شد, لغو شده, لغو",
        "hi": "रद्द, रद्द किया गया",
    },
    Standing.OVER: {
        "en": "checked out, departed, no show, noshow, did not show up, did not show, didnt show, didnt show up, "
        "did not arrive, didnt arrive, did not come, didnt come, moved out",
        "de": "abgereist, ausgecheckt, nicht angereist, nicht erschienen, nicht gekommen",
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
        "de": "vorläufig, vorläufige, vorl, anfr, unter vorbehalt, vorbehaltlich, ausstehend, unbestätigt, "
        "nicht bestätigt, noch nicht bestätigt, anfrage, buchungsanfrage, angefragt, offene anfrage, option, optional, "
        "optiert, optioniert, optionsbuchung, fragt an, nicht fix, noch nicht fix, nicht definitiv, "
        "noch nicht definitiv, angebot, vorgemerkt, vormerkung, vorreservierung, vorreserviert, warteliste, "
        "provisorisch, in bearbeitung, wartet auf bestätigung, warten auf zahlung, wartet auf zahlung, "
        "warten auf bestätigung, zahlung ausstehend, zu bestätigen, mit vorbehalt, entwurf",
        "fr": "provisoire, provisoirement, en attente, en attente de confirmation, en attente de paiement, "
        "à confirmer, non confirmé, non confirmée, pas confirmé, pas confirmée, demande, demande de réservation, "
        "demande d'information, option, en option, sous réserve, optionnel, optionnelle, devis, préréservation, "
        "pré réservation, pré réservé, liste d'attente, à valider, brouillon",
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
        "nl": "niet definitief, nog niet definitief, voorlopig, voorlopige, in afwachting, in behandeling, "
        "onbevestigd, niet bevestigd, nog niet bevestigd, te bevestigen, aanvraag, boekingsaanvraag, aangevraagd, "
        "optie, in optie, op optie, offerte, wachtlijst, voorreservering, concept",
        "pl": "wstępna, wstępnie, wstępne, wstępna rezerwacja, oczekuje, oczekująca, oczekujące, oczekuje na "
        "potwierdzenie, w oczekiwaniu, niepotwierdzona, niepotwierdzone, niepotwierdzony, nie potwierdzona, "
        "nie potwierdzone, nie potwierdzono, do "
        "potwierdzenia, zapytanie, prośba o rezerwację, opcja, oferta, lista oczekujących, na liście oczekujących",
        "cs": "předběžná, předběžně, "
        "čeká, čeká na potvrzení, nepotvrzeno, nepotvrzená, poptávka, opce, nabídka, žádost",
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
        "ru": "ожидает, ожидает подтверждения, в ожидании, не подтверждено, не подтверждена, предварительно, запрос",
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
        "blocked channel, channel blocked, channel closed, linked unit, linked listing, house use, "
        "complimentary owner, black, blackout, black out, restricted, "
        "seasonal closure, seasonal closing, season closed, closure, restriction, stay restriction, min stay "
        "restriction, minimum stay restriction, staff block, prep, blocked by another listing, beyond booking "
        "window, manual closure, owner personal visit, owners week, owner rental, reserved for owner, reserved by "
        "owner, booked by owner, booked for owner, blocked for owner, not rentable, not for rent, no vacancy, winter "
        "break, summer break, do not use, dnr, private, min stay block, owner personal use, owner event, cleaning hold",
        "de": "reserviert für eigentümer, eigentümerbuchung, eigentümerreservierung, eigenreservierung, "
        "eigentümernutzung, besitzerbuchung, besitzerreservierung, ruhetag, ruhetage, blockiert, blockierung, "
        "geblockt, gesperrt, sperre, sperrzeit, sperrung, kalendersperre, nicht verfügbar, nicht buchbar, unverfügbar, "
        "belegt durch eigentümer, geschlossen, betriebsferien, betriebsruhe, eigentümer, eigentümerin, eigenbelegung, "
        "eigentümerbelegung, eigentümeraufenthalt, eigennutzung, selbstnutzung, eigenbedarf, privat, privatnutzung, "
        "privater termin, besitzer, besitzerbelegung, vermieter, wartung, wartungsarbeiten, instandhaltung, reparatur, "
        "reparaturen, renovierung, sanierung, umbau, außer betrieb, reinigung, endreinigung, grundreinigung, putzen, "
        "putztag, pufferzeit, puffer, frei, beschäftigt, gebucht nicht verfügbar, abwesend, gebucht extern gesperrt, "
        "nicht vermietbar, saisonpause, winterpause, defekt, kaputt",
        "fr": "réservé propriétaire, usage propriétaire, usage du propriétaire, occupation propriétaire, "
        "réservé par le propriétaire, fermeture annuelle, bloqué, bloquée, blocage, indisponible, non disponible, "
        "pas disponible, fermé, fermée, fermeture, propriétaire, séjour propriétaire, bloqué par le propriétaire, "
        "usage personnel, usage privé, privé, maintenance, entretien, travaux, réparation, réparations, rénovation, "
        "hors service, ménage, nettoyage, temps de préparation, libre, absent, non réservable, rendez vous privé",
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
        "niet beschikbaar, onbeschikbaar, gesloten, eigenaar, eigenaar verblijf, eigen gebruik, eigenaarsverblijf, "
        "eigenaar gebruik, privé, privégebruik, eigenaarsreservering, eigenaarsboeking, eigenaarsgebruik, onderhoud, "
        "reparatie, renovatie, verbouwing, buiten gebruik, schoonmaak, voorbereidingstijd, vrij, afwezig, "
        "niet boekbaar, privé afspraak",
        "pl": "zablokowane, zablokowany, zablokowana, blokada, niedostępne, niedostępny, niedostępna, zamknięte, "
        "zamknięty, właściciel, pobyt właściciela, rezerwacja właściciela, użytek własny, prywatne, "
        "konserwacja, serwis, naprawa, remont, sprzątanie, czas przygotowania, wyłączone, poza użytkiem, wolne, wolny",
        "cs": "blokováno, zablokováno, blokace, nedostupné, nedostupný, není k dispozici, zavřeno, uzavřeno, "
        "majitel, vlastník, pobyt majitele, vlastní pobyt, soukromé, údržba, oprava, opravy, rekonstrukce, úklid, mimo "
        "provoz, volno",
        "hr": "blokirano, blokada, nedostupno, nije dostupno, zatvoreno, vlasnik, boravak vlasnika, vlastita "
        "upotreba, privatno, održavanje, popravak, renoviranje, čišćenje, izvan upotrebe, slobodno",
        "da": "ejerreservation, ejerbooking, ejerbestilling, blokeret, spærret, ikke tilgængelig, utilgængelig, "
        "lukket, ejer, ejerophold, ejers ophold, "
        "eget brug, privat, vedligeholdelse, vedligehold, reparation, renovering, rengøring, ude af drift, ledig",
        "sv": "ägarbokning, ägarreservation, blockerad, blockerat, spärrad, ej tillgänglig, inte tillgänglig, "
        "otillgänglig, stängd, stängt, ägare, ägarvistelse, eget bruk, privat, underhåll, reparation, renovering, "
        "städning, ur drift, ledig",
        "no": "eierbooking, eierreservasjon, eierbestilling, blokkert, sperret, ikke tilgjengelig, utilgjengelig, "
        "stengt, eier, eieropphold, eget bruk, "
        "privat, vedlikehold, reparasjon, oppussing, rengjøring, ute av drift, ledig",
        "fi": "estetty, ei saatavilla, ei varattavissa, suljettu, varattu omistajalle, omistajan varaus, "
        "omistajan käyttö, omistaja, oma käyttö, yksityinen, huolto, kunnossapito, remontti, siivous, vapaa",
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
        "upptagen, upptaget, opptatt, foglalt, besetzt, ocupat, obsadené, zasedeno, dolu, занято, personal, imported, "
        "refunded, fully refunded, remboursé, remboursée, reembolsado, reembolsada, rimborsato, rimborsata, erstattet, "
        "rückerstattet, terugbetaald, zwrócono, duplicate, duplicate booking, doppelbuchung, doppelt gebucht, doublon, "
        "test booking, test reservation, testbuchung, ghost booking, staff",
    },
}
"""By language, for whoever looks after it; a word counts whatever the language of the feed. What is only *taken* may be
a guest's or the owner's: unclear."""

FINE = (
    "confirmed, confirm, booked, reserved, reservation, booking, accepted, approved, new, definite, guaranteed, ok, "
    "okay, active, current, upcoming, future, modified, changed, updated, amended, valid, busy, oof, final, finalised, "
    "finalized, complete, completed, done, in process, processed, paid, unpaid, prepaid, partially paid, fully paid, "
    "deposit paid, deposit received, deposit ok, paid in full, balance paid, balance due, balance open, "
    "anzahlung erhalten, anzahlung bezahlt, anzahlung eingegangen, angezahlt, restzahlung offen, acompte versé, "
    "acompte reçu, acompte payé, arrhes versées, arrhes reçues, solde payé, señal pagada, señal recibida, "
    "depósito pagado, caparra ricevuta, caparra versata, caparra pagata, acconto ricevuto, acconto versato, "
    "acconto pagato, saldo pagato, sinal pago, sinal recebido, aanbetaling ontvangen, aanbetaling betaald, aanbetaald, "
    "zaliczka wpłacona, zaliczka zapłacona, zadatek wpłacony, záloha zaplacena, záloha uhrazena, kapora alındı, "
    "in house, inhouse, checked in, arrived, arriving, currently hosting, hosting, due in, due out, expected, stay, "
    "ownerless, bestätigt, gebucht, reserviert, neu, angenommen, bezahlt, eingecheckt, angereist, geändert, fest, "
    "fixbuchung, confirmé, confirmée, réservé, réservée, accepté, acceptée, payé, payée, nouveau, nouvelle, modifiée, "
    "confirmado, confirmada, reservado, reservada, aceptado, aceptada, pagado, pagada, nuevo, nueva, confermato, "
    "confermata, prenotato, prenotata, accettato, accettata, pagato, pagata, nuovo, nuova, aceito, aceita, pago, paga, "
    "novo, nova, bevestigd, geboekt, gereserveerd, geaccepteerd, betaald, nieuw, ingecheckt, potwierdzone, "
    "potwierdzona, potwierdzony, zarezerwowane, opłacone, opłacona, zapłacone, nowa, nowe, potvrzeno, potvrzená, "
    "potvrđeno, potvrđena, bekræftet, bekräftad, bekreftet, vahvistettu, megerősítve, confirmat, confirmată, "
    "onaylandı, подтверждено, подтверждена, 確定, 予約済み, 已确认, 已確認, 확정, direct, direct booking, "
    "direct guest, direkt, direktbuchung, directe, directo, reserva directa, diretto, prenotazione diretta, direto, "
    "website, website booking, webseite, web, online, telefonisch, walk in, phone booking, telephone booking, "
    "telefonbuchung, manual, manual booking, manuell"
)
"""Words for a status that stand against nothing."""

SHORTENED = {
    "prel": "preliminary",
    "prelim": "preliminary",
    "prov": "provisional",
    "provis": "provisional",
    "vorl": "vorläufig",
    "unbest": "unbestätigt",
    "unverb": "unverbindlich",
    "opz": "opzione",
    "pend": "pending request",
    "tent": "tentative",
    "wst": "wstępnie",
    "geann": "geannuleerd",
    "avb": "avbokad",
}
"""What people shorten: with a dot behind it ("Prel. Anna"), or as a part of its own, it is the whole word."""

CALLED_SO = (
    "block, cancel, hold, held, owner, owners, pending, busy, free, black, offer, lead, request, void, away, "
    "paused, buffer, "
    "repair, turnover, maintenance, cleaning, showing, viewing, staging, frei, sperre, besitzer, libre, livre, libero, "
    "vrij, wolny, volno, liber, blocco, bloc, blok, ledig, privat, prive, privado, privato, serwis, puffer, demande, "
    "dono, dueno, draft, homeowner, ejer, eier, lastnik, vlasnik, majitel, cta, ctd, ooo, oos, eigner, szabad, vapaa, "
    "concept, pedido, removed, failed, refused, denied, absent, prospect, checkpoint, na, nd, off, lock, shut, "
    "interest, posible, eventual, moze, mozna, morda, poate, talan, belki, kanske, holding, batal, "
    f"restricted, private, personal, staff, taken, occupied, imported, prep, closure, {', '.join(SHORTENED)}"
)
"""What a person may be called, or a note may say of something else: it counts as a part of its own, not at a comma, not
at the beginning, not with other words left aside and not as a line."""

WHOLE_ONLY = frozenset(
    "free, busy, away, frei, libre, livre, libero, vrij, wolne, wolny, volno, ledig, vapaa, szabad, liber, slobodno, "
    "beschaftigt, absent, abwesend, afwezig, black, private, occupied, taken, belegt, occupe, ocupado, occupato, "
    "bezet, zajete, zajety, obsazeno, zauzeto, optaget, upptagen, upptaget, opptatt, foglalt, besetzt, ocupat, "
    "obsadene, zasedeno, dolu, занято, personal, imported, na, nd, off, lock, locked, hidden, shut, interest, "
    "interested, possible, posible, possibile, possivel, eventual, proposed, may be, moze, mozna, morda, mogoce, "
    "poate, talan, bloc, blok, holding, kanske, kanskje, forse, belki, potential".split(", ")
)
"""Words of office calendars: they count as the whole title, for a guest may stay "free"."""

BLOCKS_AT_START = frozenset(
    "blocked, blocked by, closed, closed for, unavailable, not available, not bookable, no availability, do not book, "
    "do not rent, off market, out of order, out of service, blockiert, geblockt, gesperrt, nicht verfugbar, nicht "
    "buchbar, geschlossen, belegt durch eigentumer, bloque, bloquee, indisponible, non disponible, pas disponible, "
    "ferme, fermee, bloqueado, bloqueada, no disponible, cerrado, cerrada, bloccato, bloccata, non disponibile, "
    "chiusura, fermeture, cierre, chiuso, chiusa, nao disponivel, indisponivel, fechado, fechada, geblokkeerd, niet "
    "beschikbaar, gesloten, zablokowane, niedostepne, zamkniete, blokovano, nedostupne, zavreno, blokirano, "
    "nedostupno, zatvoreno, blokeret, ikke tilgaengelig, lukket, blockerad, ej tillganglig, stangd, owner stay, owner "
    "block, owner in residence, owner use, eigenbelegung, eigennutzung, under maintenance, block for, block off, "
    "encerrado, encerrada, inchis, inchisa, suljettu, estetty, stengt, sperret, blokkert, spaerret, sparrad, zarva, "
    "lezarva, kapali, zaprto, uzavreno, закрыто, заблокировано, κλειστο".split(", ")
)
"""Of what is blocked, what a title may begin with. A builder may be a guest ("Construction Ltd")."""

AT_START = ("cancel", "pending", "held for", "hold for")
"""Of these, those that stand at the beginning of a title all the same."""

NAMES_BEHIND_RESERVED = ("block", "blocco", "bloc", "blok", "frei", "black", "free", "busy")

ASIDE = frozenset(
    "booking bookings reservation reservations stay guest guests host owner by the a an of on for from to this that "
    "has have had been was is it your our airbnb vrbo homeaway abritel expedia agoda hostaway guesty beds24 smoobu "
    "lodgify ownerrez hospitable tokeet avantio google outlook tripadvisor com bookingcom fewo direkt status event "
    "dates date period buchung reservierung aufenthalt gast gastgeber eigentumer vom von durch der die das den wurde "
    "ist unterkunft sejour client hote par le la les du de un une ete est reserva estancia huesped anfitrion por el "
    "los ha sido fue esta questa questo deze diese dieser dieses cette cet denne dette prenotazione soggiorno ospite "
    "dal il lo gli e stata stato estadia hospede anfitriao pelo o foi boeking reservering verblijf gastheer door het "
    "rezerwacja pobyt gosc przez zostala zostalo jest rezervace rezervacija gostiju od gosta je bokning bokningen "
    "reservationen bestilling varaus foglalas rezervare calendar calendars kalender kalenderen calendrier calendario "
    "kalendarz kalendarza kalendar er ar temporarily tijdelijk vorubergehend temporairement temporalmente "
    "temporaneamente czasowo docasne midlertidigt tillfalligt kurzfristig".split()
)
"""Words that may stand beside one that decides, in folded letters."""

STAYS = frozenset(
    "airbnb vrbo homeaway abritel expedia agoda booking bookings bookingcom tripadvisor stay stays guest guests sejour "
    "aufenthalt gast gaste reservierung reservation reservations reservering estancia soggiorno ospite ospiti hospede "
    "huesped voyageur voyageurs rezervace rezervacija bokning bestilling reservasjon varaus varattu foglalas rezervare "
    "rezervasyon κρατηση бронирование забронировано бронь "
    "حجز הזמנה "
    "予約 予約済 予約済み 预订 预订的 已预订 預訂 已預訂 예약 예약됨".split()
)
"""What a title says of somebody who is expected, or by whom, and is nobody's name."""

NAMELESS = frozenset(
    "unknown, unbekannt, inconnu, inconnue, desconocido, sconosciuto, desconhecido, onbekend, nieznany, neznamy, nn, "
    "n n, no name, noname, name unknown, unknown guest, name folgt, anonymous, anonym, walk in, walkin, guest name, "
    "gastname".split(", ")
)
"""What stands in place of a name that nobody knows yet."""

OF_STAYS = frozenset(
    "airbnb vrbo homeaway abritel expedia agoda hostaway guesty beds24 smoobu lodgify ownerrez hospitable google "
    "outlook channel system ical calendar manual auto external min minimum date dates admin import com booking "
    "reservation stay buchung reservierung reserva prenotazione boeking reservering rezerwacja rezervace rezervacija "
    "bokning bokningen reservationen varaus sejour rez".split()
)

TAKEN = frozenset(
    "blocked, block, closed, busy, unavailable, not available, blockiert, geblockt, gesperrt, geschlossen, nicht "
    "verfugbar, bloque, bloquee, ferme, indisponible, bloqueado, bloqueada, cerrado, no disponible, bloccato, "
    "bloccata, chiuso, non disponibile, fechado, indisponivel, geblokkeerd, gesloten, niet beschikbaar, "
    "zablokowane".split(", ")
)
"""Words for days that are taken, by whomever."""

NO_NAME_GOES_ON = frozenset(
    "by on until till for from bis wegen seit jusqu jusquau pour hasta desde fino per ate tot para pentru wegens "
    "vanwege kvuli zbog pga λογω για из".split()
)
"""What stands behind a word for a status, and never behind a first part of a name."""

GOES_ON = frozenset(
    "by on at due per because since after before for until von durch am wegen seit bis par le depuis pour jusqu "
    "jusquau por el desde hasta dal da il fino pelo em ate door op vanaf tot przez dnia od do dne af den av".split()
)

NOUNS = frozenset(
    "cancellation cancelation storno stornierung absage annulation cancelacion cancellazione annullamento cancelamento "
    "annulering annullering avbestilling avbokning avlysning afbestilling anulare anulacja zruseni peruutus lemondas "
    "otkazivanje iptal отмена скасування ακυρωση".split()
)
"""What may be spoken of without having happened: "Cancellation until 3 March is free"."""

WHEN = frozenset(
    "by on at since before until till am vom seit bis le depuis jusqu jusquau il dal fino el desde hasta em ate op "
    "vanaf tot dnia od do dne den af yet".split()
)
"""Of those, what goes on behind a word for a status whatever stands before it: "Smith option until Friday"."""

NEGATIONS = frozenset("not never nicht nie kein keine non no pas nao niet geen ne ikke inte ej ei nem nu не".split())

DID_NOT_HAPPEN = frozenset(
    "free flexible flex after without no kostenlose kostenlos kostenfreie gratis nach ohne keine gratuite sans apres "
    "gratuita gratuito sin tras senza dopo sem apos gratuit zonder geen na bez bezplatna bezplatne besplatno po fri "
    "utan "
    "uten ilmainen ucretsiz ingyenes бесплатная insurance assurance seguro assicurazione versicherung "
    "verzekering".split()
)
"""Before one of `NOUNS`, these speak of a rate, or of what was before: "Anna Novak - free cancellation"."""

UNITS = frozenset(
    "apartment apt flat house home room unit studio villa cabin cottage property listing whole entire full loft suite "
    "wohnung haus zimmer ferienwohnung fewo appartement maison chambre casa piso apartamento appartamento camera kamer "
    "huis mieszkanie pokoj dom".split()
)

WORK = frozenset(
    "maintenance repair repairs cleaning renovation inspection wartung reparatur reinigung renovierung entretien "
    "travaux reparation mantenimiento limpieza manutenzione pulizia manutencao limpeza onderhoud schoonmaak remont "
    "sprzatanie reparacion reparaciones reparacao reparacoes conserto riparazione riparazioni naprawa naprawy oprava "
    "opravy rekonstrukce rekonstrukcja renovacion felujitas javitas tamirat tadilat onarim reparatie renovatie "
    "reparasjon oppussing renovering vedligeholdelse underhall rengoring stadning siivous remontti huolto korjaus "
    "udrzba reparo ciscenje popravak odrzavanje renovare ремонт уборка επισκευη καθαρισμος".split()
)
"""Behind other words they may be somebody's work or somebody's firm ("Pool maintenance", "Novak Cleaning")."""

FIRMS = frozenset("team ltd llc inc gmbh ag kg ug srl sl sa bv firma firm company crew group gruppe staff".split())

OWNERS = frozenset(
    "eigentumer eigentumers eigentumerin proprietaire proprietaires proprietario proprietarios proprietaria "
    "proprietari propietario propietarios propietaria duenos eigenaar eigenaars eigenaren eigenares wlasciciel "
    "wlasciciela wlasciciele wlascicieli wlascicielka tulajdonos tulajdonosok omistaja omistajan omistajat proprietar "
    "proprietarul vermieter vermieterin agare agaren agarens agarna ejeren ejerens ejere ejerne eieren eierens eierne "
    "majitele majitelka vlasnici vlasnika vlastnik".split()
)
"""Nobody is called so; with a name behind it, it is the owner by name, or the owner's guest."""

STAFF = frozenset(
    "mitarbeiter mitarbeiterin mitarbeitende angestellter angestellte employee employees employe "
    "salarie salariee empleado empleada dipendente dipendenti funcionario funcionaria medewerker medewerkers pracownik "
    "zamestnanec zaposlenik medarbejder medarbetare ansatt anstalld tyontekija dolgozo angajat reinigungskraft".split()
)
"""In front of a name: whoever works there has no access as a guest."""

OF_OWNERS = frozenset(
    "uso usage use usos brug bruk kaytossa kaytto nutzung vistelse ophold opphold pobyt selbst privat familie family "
    "familia famille famiglia familj bloqueo bloqueado blocage bloque blocco bloccato blokada blokkering sperre "
    "gesperrt sperret sparrad reservado reservada reserviert riservato prenotato gereserveerd reserverat reserveret "
    "reservert zarezerwowane ocupado ocupada occupato occupe belegt bezet cierre chiusura fermeture i y e et und en og "
    "och del do dos di dei".split()
)
"""What stands beside the owners, and makes no guests of them: "Uso propietario", "Sperre Eigentümer"."""

ENDS_IN_SMALL_LETTERS = frozenset("hold held pending void draft".split())
"""What somebody may be called, but is not where it stands behind her name in small letters: "Novak pending"."""

PARTIES = frozenset("family familie famille famiglia familia party group gruppe groupe grupo gruppo".split())

NO_NAME_BEGINS = NEGATIONS | frozenset(
    "ne nu inte jsme neni nije nedaje δεν wir we nous noi nosotros wij my ich ik our unsere notre nuestra onze "
    "meine".split()
)
"""A title that begins with one, and goes on in small letters, is a sentence: "Not taking guests", "Wir sind da"."""

ASKS = frozenset("please bitte prosim prosze kein keine keinen geen kerjuk".split())
"""A title that begins with one is a sentence, whatever follows."""

HOSTS = frozenset(
    "owner owners host gastgeber hote anfitrion anfitriao gastheer besitzer dueno duenos dono donos".split()
)
"""In front of small letters: "Owner travelling"."""

EARLY_OR_LATE = frozenset(
    "late later early earlier spat spater spate fruh fruher tard tarde temprano tardi presto laat".split()
)
"""What somebody may be, or ask for, and has a booking all the same: "Anna Novak - maybe late"."""

CHECKS = (["check", "in"], ["check", "out"])

OF_OTHERS = frozenset(
    "flight flights train trains plane bus ferry trip tour event events wedding conference dinner parking transfer "
    "taxi flug fluge zug bahn vol trem vuelo tren avion aereo volo treno vlucht trein lot pociag let vlak passport "
    "document balance payment deposit invoice zahlung rechnung cot crib babybed babybett kinderbett zustellbett bed "
    "beds breakfast fruhstuck desayuno colazione ontbijt parkplatz garage checkin checkout towels linen pet transfers "
    "pickup shuttle upgrade extension verlangerung highchair hochstuhl refund culla parcheggio aparcamiento "
    "parkeerplaats".split()
)
"""A cancelled flight is no cancelled stay."""
